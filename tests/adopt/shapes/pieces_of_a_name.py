from gradio_client import Client


class Config:
    HOST = "text"
    URLS = {"text": f"http://{HOST}.test", "other": "http://other.test"}


client = Client(Config.URLS["text"] + "/")
result = client.predict("hello", api_name="/" + "echo")
