from types import SimpleNamespace

from gradio_client import Client

state = SimpleNamespace()
state.client = Client("http://text.test")
result = state.client.predict("hello", api_name="/echo")
