from gradio_client import Client

client = Client("http://text.test")
options = {"text": "hello", "api_name": "/echo"}
result = client.predict(**options)
