from __future__ import annotations

from gradio_client import Client


def classify(text: str, token: str | None = None) -> object:
    client = Client("http://studio.test", token=token)
    return client.predict(text, api_name="/classify")["label"]


result = classify("hello")
