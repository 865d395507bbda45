from gradio_client import Client


def say(text: str) -> str:
    _, path = Client("http://studio.test").predict(text, "bob", 2.0, api_name="/speak")
    with open(path) as file:
        return file.read()


result = say("hello")
