import json

from gradio_client import Client, handle_file

client = Client("http://studio.test")
picture = handle_file("cat.png")
record = json.dumps(picture)
other: dict[str, object] = handle_file("cat.png")
result = [
    client.predict(picture, api_name="/caption"),
    client.predict(other, api_name="/caption"),
    client.predict(json.loads(record), api_name="/caption"),
    client.predict(handle_file("cat.png"), api_name="/caption"),
]
