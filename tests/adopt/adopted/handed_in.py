from gradio_client import Client


def echo(client: Client, text: str) -> str:
    # spacegen adopt: client is passed in by the caller
    return str(client.predict(text, api_name="/echo"))


result = echo(Client("http://text.test"), "hello")
