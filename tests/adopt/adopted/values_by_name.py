import sys

from typing import Any, cast
import text

size = sys.argv[1] if "--size" in sys.argv else "small"
COUNT = 2


def order(size: str, extras: list[str]) -> str:
    return str(text.order(size=cast(Any, size), count=cast(Any, COUNT), extras=cast(Any, extras)))


result = (order("small", ["milk"]), text.order(size=cast(Any, size), count=cast(Any, COUNT), extras=[]))
