import json

from gradio_client import Client

client = Client("http://studio.test")
result = json.dumps(client.predict("a long text", api_name="/classify"), sort_keys=True)
