from gradio_client import Client

client: Client = Client("http://text.test")


class Echo:
    client: Client

    def __init__(self) -> None:
        self.client = Client("http://text.test")

    def __call__(self, text: str) -> str:
        return str(self.client.predict(text, api_name="/echo"))


result = client.predict(Echo()("hello"), api_name="/echo")
