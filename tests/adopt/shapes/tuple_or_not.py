from gradio_client import Client

client = Client("http://studio.test")
answer = client.predict("a fox", 1, False, 4, 4, api_name="/infer")
path = answer[0] if isinstance(answer, (list, tuple)) else answer
result = open(path, "rb").read(4)
