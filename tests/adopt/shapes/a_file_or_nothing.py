from gradio_client import Client

client = Client("http://studio.test")
path, said = client.predict("cat", api_name="/maybe")
drawn = client.predict("fox", api_name="/maybe")[0]
result = (path, said, open(drawn, "rb").read(4) if drawn else None)
