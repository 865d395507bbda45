from unittest.mock import MagicMock, patch

from gradio_client import Client
from french import predict

client = Client("http://text.test")


def echo(text):
    # spacegen adopt: with patch.object(client, "predict", return_value="hi"): replaces it in a test; use `fake_space` to replace a package's Space
    return client.predict(text, api_name="/echo")


def translate(text):
    return predict(text)


def test_echo():
    with patch.object(client, "predict", return_value="hi"):
        assert echo("x") == "hi"


if __name__ == "__main__":
    with patch("__main__.client", MagicMock()):
        echo("x")
