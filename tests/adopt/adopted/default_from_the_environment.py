import os

from gradio_client import Client

SPACE = os.environ.get("ECHO_SPACE", "http://text.test")
client = Client(SPACE)
# spacegen adopt: the Space is http://text.test unless the environment sets ECHO_SPACE; if both have the same endpoints, run this again with --source SPACE=http://text.test
result = client.predict("hello", api_name="/echo")
