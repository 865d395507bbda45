from gradio_client import Client


def echo(client: Client, text: str) -> str:
    return str(client.predict(text, api_name="/echo"))


result = echo(Client("http://text.test"), "hello")
