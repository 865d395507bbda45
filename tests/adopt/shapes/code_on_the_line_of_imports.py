from gradio_client import *; client = Client("http://text.test"); said = client.predict("x", api_name="/echo")
result = said, client.predict("y", api_name="/echo")
