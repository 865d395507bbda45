import json

from gradio_client import Client, handle_file
from studio import caption

client = Client("http://studio.test")
picture = handle_file("cat.png")
record = json.dumps(picture)
other: dict[str, object] = handle_file("cat.png")
# spacegen adopt: picture may be a file made by gradio_client: it is passed to code that is not read here: record = json.dumps(picture); image gets a dict that describes a file; use a path or `FileData.of`; json.loads(record) may be a file made by gradio_client: it is passed to code that is not read here: record = json.dumps(picture)
result = [
    client.predict(picture, api_name="/caption"),
    client.predict(other, api_name="/caption"),
    client.predict(json.loads(record), api_name="/caption"),
    caption("cat.png"),
]
