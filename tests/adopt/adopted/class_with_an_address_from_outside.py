from gradio_client import Client


class Service:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.client = Client(self.url)

    def echo(self, text: str) -> str:
        # spacegen adopt: the Space is known only at run time; name it with --source self.url=owner/space
        return str(self.client.predict(text, api_name="/echo"))


result = Service("http://text.test/").echo("hello")
