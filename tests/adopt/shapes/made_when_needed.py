from gradio_client import Client

_client = None


def client():
    global _client
    if _client is None:
        _client = Client("http://text.test")
    return _client


def echo(text):
    return client().predict(text, api_name="/echo")


result = echo("hello")
