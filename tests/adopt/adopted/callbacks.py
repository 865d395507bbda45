from gradio_client import Client


def show(value: str) -> None:
    print(value)


client = Client("http://text.test")
# spacegen adopt: its callbacks get values; `job.add_done_callback` hands over the job
job = client.submit("hello", api_name="/echo", result_callbacks=[show])
result = job.result()
