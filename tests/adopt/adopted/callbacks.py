from gradio_client import Client


def show(value: str) -> None:
    print(value)


client = Client("http://text.test")
# spacegen adopt: its callbacks get values, but `job.add_done_callback` passes the job
job = client.submit("hello", api_name="/echo", result_callbacks=[show])
result = job.result()
