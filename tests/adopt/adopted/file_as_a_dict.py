from gradio_client import Client

client = Client("http://studio.test")
picture = {"path": "https://example.test/cat.png", "meta": {"_type": "gradio.FileData"}}
# spacegen adopt: image gets a dict that describes a file; use a path or `FileData.of`; image={'path': 'https://example.test/cat.png', 'meta': {'_type': 'gradio.FileData'}} does not fit its type FileInput | None
print(client.predict(picture, api_name="/caption"))
