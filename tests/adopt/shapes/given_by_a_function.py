from functools import lru_cache

from gradio_client import Client


@lru_cache(maxsize=1)
def get_client() -> Client:
    """Give the one client."""
    return Client("http://text.test")


def get_other():
    return Client("http://french.test")


def echo(text: str) -> str:
    return str(get_client().predict(text, api_name="/echo"))


def greet(name: str) -> str:
    client = get_client()
    return str(client.predict(name, False, 10, api_name="/greet")[0])


other = get_other()
result = [echo("x"), greet("Ada"), other.predict("Hello", api_name="/predict"), hasattr(get_other(), "predict")]
