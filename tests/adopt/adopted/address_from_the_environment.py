import os

from gradio_client import Client

client = Client(os.getenv("CLIENT_URL"))


def ask(prompt: str) -> str:
    # spacegen adopt: the Space is known only at run time; name it with --source 'os.getenv("CLIENT_URL")=owner/space'
    return str(client.predict(prompt, api_name="/echo"))
