from gradio_client import Client

client = Client("http://studio.test")
answer = client.predict("a long text", api_name="/classify")
result = (answer["label"], answer["confidences"])
