import os

from gradio_client import Client

client = Client.duplicate("http://text.test", token=os.environ["HF_TOKEN"])
# spacegen adopt: it calls a copy that the program makes; use `spacegen duplicate`, then `space.configure(...)`
client.predict("hello", api_name="/echo")
