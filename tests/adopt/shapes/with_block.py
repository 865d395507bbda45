from gradio_client import Client

with Client("http://chat.test") as client:
    client.predict(api_name="/count")
    result = client.predict(api_name="/count")
