try:
    from gradio_client import Client as GradioClient
except ImportError:
    GradioClient = None


def echo(text):
    if GradioClient is None:
        return text
    client = GradioClient("http://text.test")
    return client.predict(text, api_name="/echo")


result = echo("hello")
