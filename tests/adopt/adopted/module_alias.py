from text import echo

TEXT_URL = "http://text.test"


class Hive:
    def __init__(self) -> None:
        pass

    def run(self) -> str:
        job = echo.submit("hello")
        return str(job.result())


result = Hive().run()
