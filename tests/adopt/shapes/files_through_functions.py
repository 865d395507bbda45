from dataclasses import dataclass
from typing import Any

from gradio_client import Client, handle_file

client = Client("http://studio.test")


@dataclass
class Order:
    picture: Any
    name: str


class Captions:
    def __init__(self, path):
        self.picture = handle_file(path)

    def first(self):
        return client.predict(self.picture, api_name="/caption")


def opened(path):
    return handle_file(path) if path else None


def caption(picture=handle_file("cat.png")):
    return client.predict(picture, api_name="/caption")


order = Order(handle_file("cat.png"), name="cat")
result = [
    Captions("cat.png").first(),
    caption(),
    caption(opened("cat.png")),
    client.predict(order.picture, api_name="/caption"),
    *[caption(picture) for picture in map(handle_file, ["cat.png"])],
]
