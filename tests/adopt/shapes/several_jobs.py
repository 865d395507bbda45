from gradio_client import Client

client = Client("http://text.test")
jobs = [client.submit(word, api_name="/echo") for word in ("a", "b", "c")]
result = [job.result() for job in jobs]
