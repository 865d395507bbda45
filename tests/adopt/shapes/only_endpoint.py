from gradio_client import Client

result = Client("http://french.test").predict("Hello")
