import os

from gradio_client import Client

client = Client(os.getenv("CLIENT_URL"))


def ask(prompt: str) -> str:
    # spacegen adopt: only the running program knows the Space; say it with --source 'os.getenv("CLIENT_URL")=owner/space'
    return str(client.predict(prompt, api_name="/echo"))
