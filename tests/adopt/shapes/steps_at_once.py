from gradio_client import Client

client = Client("http://streaming.test")
result = [step for step in client.submit(start="Once", api_name="/story")]
for update in client.submit("Once", api_name="/story"):
    print(update)
