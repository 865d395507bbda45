from functools import lru_cache

import text as text_space


def echo(text: str) -> str:
    return str(text_space.echo(text))


def add(a: float) -> float:
    return float(text_space.add(a=a, b=2))


result = (echo("hello"), add(1))
