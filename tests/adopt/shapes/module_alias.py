import gradio_client as gc

TEXT_URL = "http://text.test"


class Hive:
    def __init__(self) -> None:
        self.text = gc.Client(TEXT_URL)

    def run(self) -> str:
        job = self.text.submit("hello", api_name="/echo")
        return str(job.result())


result = Hive().run()
