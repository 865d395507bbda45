from gradio_client import Client

client = Client("http://text.test")
print(client.predict("Hello"))
