import os

from gradio_client import Client

client = Client(os.getenv("CLIENT_URL"))


def ask(prompt: str) -> str:
    return str(client.predict(prompt, api_name="/echo"))
