from typing import Optional

from gradio_client import Client
import text as text_space


def echo(text: str, token: Optional[str] = None) -> str:
    if token:
        client = Client("http://text.test", headers={"Authorization": f"Bearer {token}"})
    else:
        client = Client("http://text.test")
    # spacegen adopt: its Client is made in several places with different options
    return str(client.predict(text, api_name="/echo"))


def add(a: float, token: Optional[str] = None) -> float:
    return float(text_space.add.with_options(token=token)(a=a, b=1))


result = (echo("hello"), add(1))
