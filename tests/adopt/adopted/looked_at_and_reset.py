from gradio_client import Client
from text import echo

client = Client("http://text.test", hf_token=None)
client.view_api()
client.reset_session()
result = echo("a")
