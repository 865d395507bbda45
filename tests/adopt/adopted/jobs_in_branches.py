import sys

from gradio_client import Client
from gradio_client.utils import Status

client = Client("http://text.test")
if len(sys.argv) > 99:
    # spacegen adopt: the code names the type Status of gradio_client, and its job would have another type
    job = client.submit("a", api_name="/echo")
else:
    # spacegen adopt: the code names the type Status of gradio_client, and its job would have another type
    job = client.submit("b", api_name="/fast")
result = [job.result()]
# spacegen adopt: the code names the type Status of gradio_client, and its job would have another type
jobs = {"one": client.submit("c", api_name="/echo")}
status = jobs["one"].status()
status = status or jobs["one"].status()
result.append(jobs["one"].result())
if status.code == Status.FINISHED:
    print("done")
