from gradio_client import Client

client = Client("http://text.test")
client.predict("hello", api_name="/forget")
result = client.predict(api_name="/hello")
