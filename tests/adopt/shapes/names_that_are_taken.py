from gradio_client import Client

client = Client("http://text.test")


def echo(text: str) -> str:
    return str(client.predict(text, api_name="/echo"))


def greet(name: str) -> str:
    greeting, _ = client.predict(name, False, 5, api_name="/greet")
    return f"{greeting}"


result = (echo("hello"), greet("Ada"))
