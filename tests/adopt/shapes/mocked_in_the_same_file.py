from unittest.mock import MagicMock, patch

from gradio_client import Client

client = Client("http://text.test")
other = Client("http://french.test")


def echo(text):
    return client.predict(text, api_name="/echo")


def translate(text):
    return other.predict(text, api_name="/predict")


def test_echo():
    with patch.object(client, "predict", return_value="hi"):
        assert echo("x") == "hi"


if __name__ == "__main__":
    with patch("__main__.client", MagicMock()):
        echo("x")
