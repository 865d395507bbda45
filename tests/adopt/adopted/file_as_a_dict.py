from gradio_client import Client

client = Client("http://studio.test")
picture = {"path": "https://example.test/cat.png", "meta": {"_type": "gradio.FileData"}}
# spacegen adopt: image is given a dict that stands for a file; use a path or `FileData.of`; image={'path': 'https://example.test/cat.png', 'meta': {'_type': 'gradio.FileData'}} does not fit its type, which is FileInput | None
print(client.predict(picture, api_name="/caption"))
