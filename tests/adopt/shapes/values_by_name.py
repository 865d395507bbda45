import sys

from gradio_client import Client

size = sys.argv[1] if "--size" in sys.argv else "small"
COUNT = 2
client = Client("http://text.test")


def order(size: str, extras: list[str]) -> str:
    return str(client.predict(size, COUNT, extras, api_name="/order"))


result = (order("small", ["milk"]), client.predict(size, COUNT, [], api_name="/order"))
