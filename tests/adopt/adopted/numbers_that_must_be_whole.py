from typing import Any, cast
import text

words = ["a", "b", "c", "d"]
count = text.add(a=1, b=1)
result: list[Any] = [words[int(count)], words[:int(count)], words[int(count - 1)], "ab" * int(count), f"{int(count):d}", [0] * int(count)]
for number in range(int(count)):
    result.append(text.add(a=number, b=1))
for number in range(int(text.add(a=1, b=0))):
    result.append(number)
for size in (1, 2):
    result.append(text.order(size="small", count=cast(Any, size), extras=[]))
for number in range(1, 3):
    result.append(text.order(size="large", count=cast(Any, number), extras=[]))


class Order:
    size: str = "small"
    count: int = 1


def send(order: Order) -> str:
    return str(text.order(size=cast(Any, order.size), count=cast(Any, order.count), extras=[]))


result.append(send(Order()))
