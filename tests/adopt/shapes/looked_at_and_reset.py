from gradio_client import Client

client = Client("http://text.test", hf_token=None)
client.view_api()
client.reset_session()
result = client.predict("a", api_name="/echo")
