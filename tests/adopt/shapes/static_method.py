from gradio_client import Client


class Service:
    URL = "http://text.test"

    @staticmethod
    def get_client() -> Client:
        """Make one, and say so."""
        try:
            return Client(Service.URL)
        except Exception as error:
            raise RuntimeError("no client") from error

    @classmethod
    def echo(cls, text: str) -> str:
        return str(cls.get_client().predict(text=text, api_name="/echo"))


result = Service.echo("hello")
