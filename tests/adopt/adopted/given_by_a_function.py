from functools import lru_cache

from gradio_client import Client
from french import predict
import text as text_space


def get_other():
    return Client("http://french.test")


def echo(text: str) -> str:
    return str(text_space.echo(text))


def greet(name: str) -> str:
    return str(text_space.greet(name=name, excited=False, celsius=10).greeting)


result = [echo("x"), greet("Ada"), predict("Hello"), hasattr(get_other(), "predict")]
