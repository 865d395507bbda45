from dataclasses import dataclass
from typing import Any

from spacegen_runtime import FileData
import studio


@dataclass
class Order:
    picture: Any
    name: str


class Captions:
    def __init__(self, path):
        self.picture = FileData.of(path)

    def first(self):
        return studio.caption(self.picture)


def opened(path):
    return FileData.of(path) if path else None


def caption(picture=FileData.of("cat.png")):
    return studio.caption(picture)


order = Order(FileData.of("cat.png"), name="cat")
result = [
    Captions("cat.png").first(),
    caption(),
    caption(opened("cat.png")),
    studio.caption(order.picture),
    *[caption(picture) for picture in map(FileData.of, ["cat.png"])],
]
