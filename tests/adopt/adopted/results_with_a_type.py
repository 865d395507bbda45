from typing import List, Optional, Tuple

from gradio_client import Client
import tempfile
import files
import text as text_space

client: Client = Client("http://text.test")


def greet(name: str) -> Tuple[str, float]:
    return text_space.greet(name=name)


def add(a: int, b: int) -> int:
    total = text_space.add(a=a, b=b)
    print(total)
    return int(total)


def swapped(text: str) -> List[str]:
    # spacegen adopt: the code declares its result as List[str], and the Space promises another type
    pair: List[str] = client.predict(text, api_name="/swap")
    return pair


def flip(path: str) -> Optional[str]:
    flipped: Optional[str] = str(files.flip(path).save(tempfile.mkdtemp()))
    return flipped


def sums(numbers: List[int]) -> List[int]:
    found: List[int] = []
    for number in numbers:
        found.append(int(text_space.add(a=number, b=1)))
    return found


result = sums([1, 2]), greet("Ada"), add(1, 2), swapped("x"), flip("cat.png")
