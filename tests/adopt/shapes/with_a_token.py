import os

from gradio_client import Client

HF_TOKEN = os.getenv("HF_TOKEN")
client = Client("http://text.test", token=HF_TOKEN, max_workers=10, headers={"x-caller": "me"})
result = client.predict("hello", api_name="/echo", headers={"x-request-id": "7"})
