from gradio_client import Client


class Translator:
    """Holds a client for as long as it lives."""

    SPACE = "http://text.test"

    def __init__(self) -> None:
        # One connection for all calls.
        self.client = Client(self.SPACE)
        self.calls = 0

    def echo(self, text: str) -> str:
        self.calls += 1
        answer: str = self.client.predict(text=text, api_name="/echo")
        return answer

    def add(self, a: float, b: float) -> float:
        self.calls += 1
        return float(self.client.predict(a, b, api_name="/add"))


translator = Translator()
result = (translator.echo("hello"), translator.add(1, 2), translator.calls)
