from __future__ import annotations

import studio


def classify(text: str, token: str | None = None) -> object:
    return studio.classify.with_options(token=token)(text).label


result = classify("hello")
