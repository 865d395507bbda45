from typing import List, Optional, Tuple

from gradio_client import Client, handle_file

client: Client = Client("http://text.test")


def greet(name: str) -> Tuple[str, float]:
    return client.predict(name, api_name="/greet")


def add(a: int, b: int) -> int:
    total = client.predict(a, b, api_name="/add")
    print(total)
    return total


def swapped(text: str) -> List[str]:
    pair: List[str] = client.predict(text, api_name="/swap")
    return pair


def flip(path: str) -> Optional[str]:
    flipped: Optional[str] = Client("http://files.test").predict(handle_file(path), api_name="/flip")
    return flipped


def sums(numbers: List[int]) -> List[int]:
    found: List[int] = []
    for number in numbers:
        found.append(client.predict(number, 1, api_name="/add"))
    return found


result = sums([1, 2]), greet("Ada"), add(1, 2), swapped("x"), flip("cat.png")
