from gradio_client import Client

client = Client("http://text.test")
options = {"text": "hello", "api_name": "/echo"}
# spacegen adopt: **options is known only at run time
result = client.predict(**options)
