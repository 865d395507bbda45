import os

from gradio_client import Client

client = Client.duplicate("http://text.test", token=os.environ["HF_TOKEN"])
client.predict("hello", api_name="/echo")
