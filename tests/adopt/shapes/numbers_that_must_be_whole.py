from gradio_client import Client

client = Client("http://text.test")
words = ["a", "b", "c", "d"]
count = client.predict(1, 1, api_name="/add")
result = [words[count], words[:count], words[count - 1], "ab" * count, f"{count:d}", [0] * count]
for number in range(count):
    result.append(client.predict(number, b=1, api_name="/add"))
for number in range(client.predict(1, 0, api_name="/add")):
    result.append(number)
for size in (1, 2):
    result.append(client.predict("small", size, [], api_name="/order"))
for number in range(1, 3):
    result.append(client.predict("large", number, [], api_name="/order"))


class Order:
    size: str = "small"
    count: int = 1


def send(order: Order) -> str:
    return str(client.predict(order.size, order.count, [], api_name="/order"))


result.append(send(Order()))
