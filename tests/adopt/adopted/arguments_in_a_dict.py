from gradio_client import Client

client = Client("http://text.test")
options = {"text": "hello", "api_name": "/echo"}
# spacegen adopt: **options says only at run time what is passed
result = client.predict(**options)
