from types import SimpleNamespace

from gradio_client import Client

state = SimpleNamespace()
state.client = Client("http://text.test")
# spacegen adopt: it is not clear which Client state.client is
result = state.client.predict("hello", api_name="/echo")
