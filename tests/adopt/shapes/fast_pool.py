from gradio_client import Client

client = Client("http://text.test", ssl_verify=False, httpx_kwargs={"timeout": 60})
result = client.predict(a=1, b=1, api_name="/add")
