from typing import Optional

from gradio_client import Client


def echo(text: str, token: Optional[str] = None) -> str:
    if token:
        client = Client("http://text.test", headers={"Authorization": f"Bearer {token}"})
    else:
        client = Client("http://text.test")
    return str(client.predict(text, api_name="/echo"))


def add(a: float, token: Optional[str] = None) -> float:
    client = Client("http://text.test", token=token)
    return float(client.predict(a, 1, api_name="/add"))


result = (echo("hello"), add(1))
