import text as text_space


class Translator:
    """Holds a client for as long as it lives."""

    SPACE = "http://text.test"

    def __init__(self) -> None:
        # One connection for all calls.
        self.calls = 0

    def echo(self, text: str) -> str:
        self.calls += 1
        answer: str = text_space.echo(text=text)
        return answer

    def add(self, a: float, b: float) -> float:
        self.calls += 1
        return float(text_space.add(a=a, b=b))


translator = Translator()
result = (translator.echo("hello"), translator.add(1, 2), translator.calls)
