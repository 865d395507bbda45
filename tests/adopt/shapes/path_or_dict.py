from gradio_client import Client

client = Client("http://files.test")
answer = client.predict("one two", api_name="/awkward")
path = answer["path"] if isinstance(answer, dict) else answer
result = open(path).read()
