import time

from gradio_client import Client

client = Client("http://text.test")
# spacegen adopt: a status has no `code`; it has `stage`, `position` and `progress`
job = client.submit("hello", api_name="/echo")
while not job.done():
    print(job.status().code, job.status().eta)
    time.sleep(0.1)
result = job.result()
