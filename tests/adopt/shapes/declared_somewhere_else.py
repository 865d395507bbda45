from dataclasses import dataclass

from gradio_client import Client

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
        self.total = client.predict(number, self.total, api_name="/add")
        return self.total


last: int = 0
last = client.predict(1, 2, api_name="/add")
total = 0
for number in range(3):
    total += client.predict(number, 1, api_name="/add")
best = 0
score = client.predict(1, 2, api_name="/add")
best = max(best, score)
many = 0
many += score
numbers: list[int] = []
numbers.append(client.predict(3, 4, api_name="/add"))
one = Sum(client.predict(5, 6, api_name="/add"))
greeting: int = 0
greeting, fahrenheit = client.predict("Ada", True, 5, api_name="/greet")
result = [last, total, best, many, numbers, one.value, Counter().add(2), greeting, fahrenheit]
record = {"id": 7}
record["text"] = client.predict("a", api_name="/echo")
words = ["a"]
words.append(client.predict("b", api_name="/echo"))
mixed = ["a", 1]
mixed.append(client.predict(1, 1, api_name="/add"))
result += [record, words, mixed]
