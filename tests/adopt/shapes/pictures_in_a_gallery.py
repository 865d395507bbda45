from gradio_client import Client

client = Client("http://studio.test")
pictures = client.predict(prompt="fox", count=3, api_name="/variations")
result = [open(picture["image"], "rb").read(4) for picture in pictures] + [pictures[0]["caption"]]
