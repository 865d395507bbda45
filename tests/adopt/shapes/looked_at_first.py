from gradio_client import Client

client = Client("http://text.test")
print(client.view_api(return_format="dict"))
result = client.predict("hello", api_name="/echo")
