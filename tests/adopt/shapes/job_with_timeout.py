from gradio_client import Client

client = Client("http://text.test")
job = client.submit("Ada", True, 5, api_name="/greet")
result = job.result(timeout=60)[0]
if not job.done():
    job.cancel()
