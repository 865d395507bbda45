import os

from gradio_client import Client

SPACE = os.environ.get("ECHO_SPACE", "http://text.test")
client = Client(SPACE)
result = client.predict("hello", api_name="/echo")
