from functools import cached_property

import gradio_client

Connection = gradio_client.Client


class Base:
    def __init__(self):
        self.client = Connection("http://text.test")

    @cached_property
    def other(self):
        return Connection("http://text.test")


class Echo(Base):
    def run(self, text):
        return self.client.predict(text, api_name="/echo") + self.other.predict(text, api_name="/echo")


class User:
    def __init__(self, echo):
        self.echo = echo

    def address(self):
        return self.echo.client.src


result = Echo().run("x"), User(Echo()).address()
