from dataclasses import dataclass

from gradio_client import Client
from typing import Any
import text as text_space

client = Client("http://text.test")


@dataclass
class Sum:
    value: int = 0
    text: str = ""


class Counter:
    total: int

    def __init__(self) -> None:
        self.total = 0

    def add(self, number: int) -> int:
        self.total = int(text_space.add(a=number, b=self.total))
        return int(self.total)


last: int = 0
last = int(text_space.add(a=1, b=2))
total: Any = 0
for number in range(3):
    total += text_space.add(a=number, b=1)
best: Any = 0
score = text_space.add(a=1, b=2)
best = max(best, score)
many: Any = 0
many += score
numbers: list[int] = []
numbers.append(int(text_space.add(a=3, b=4)))
one = Sum(int(text_space.add(a=5, b=6)))
greeting: int = 0
# spacegen adopt: the code declares greeting as int, and the Space promises another type
greeting, fahrenheit = client.predict("Ada", True, 5, api_name="/greet")
result = [last, total, best, many, numbers, one.value, Counter().add(2), greeting, fahrenheit]
record: dict[str, Any] = {"id": 7}
record["text"] = text_space.echo("a")
words = ["a"]
words.append(text_space.echo("b"))
mixed: list[Any] = ["a", 1]
mixed.append(text_space.add(a=1, b=1))
result += [record, words, mixed]
