from gradio_client import Client
from text import echo

client = Client("http://text.test")
print(client.view_api(return_format="dict"))
result = echo("hello")
