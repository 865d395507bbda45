from gradio_client import Client
from text import echo


class Echo:
    client: Client

    def __init__(self) -> None:
        pass

    def __call__(self, text: str) -> str:
        return str(echo(text))


result = echo(Echo()("hello"))
