from gradio_client import Client

client = Client("http://studio.test", verbose=False)
path, seed = client.predict(prompt="a fox", seed=7, api_name="/infer")
with open(path, "rb") as file:
    result = (file.read(4), seed)
