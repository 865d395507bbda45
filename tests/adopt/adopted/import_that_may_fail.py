import text as text_space

try:
    from gradio_client import Client as GradioClient
except ImportError:
    GradioClient = None


def echo(text):
    if GradioClient is None:
        return text
    return text_space.echo(text)


result = echo("hello")
