from gradio_client import Client

client = Client("http://studio.test")
picture = {"path": "https://example.test/cat.png", "meta": {"_type": "gradio.FileData"}}
print(client.predict(picture, api_name="/caption"))
