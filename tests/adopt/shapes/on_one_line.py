from gradio_client import Client; c = Client("http://text.test"); result = c.predict("hello", api_name="/echo")
if result: result = c.predict(result, api_name="/echo"); print(result)
