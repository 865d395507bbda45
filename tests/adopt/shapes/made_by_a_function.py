from functools import lru_cache

from gradio_client import Client


@lru_cache(maxsize=1)
def get_client() -> Client:
    return Client("http://text.test")


def echo(text: str) -> str:
    client = get_client()
    return str(client.predict(text, api_name="/echo"))


def add(a: float) -> float:
    return float(get_client().predict(a, 2, api_name="/add"))


result = (echo("hello"), add(1))
