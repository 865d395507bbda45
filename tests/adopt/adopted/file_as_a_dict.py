from gradio_client import Client

client = Client("http://studio.test")
picture = {"path": "https://example.test/cat.png", "meta": {"_type": "gradio.FileData"}}
# spacegen adopt: image gets a dict that describes a file; use a path or `FileData.of`
print(client.predict(picture, api_name="/caption"))
