from gradio_client import Client

client = Client("http://streaming.test")
job = client.submit("Once", api_name="/story")
result = []
for step in job:
    result.append(step)
result.append(job.outputs()[-1])
