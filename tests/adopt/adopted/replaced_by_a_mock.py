from unittest import mock

from gradio_client import Client


def echo(text):
    client = Client("http://text.test")
    # spacegen adopt: @mock.patch("gradio_client.client.Client.predict") replaces it in a test; use `fake_space` to replace a package's Space
    return client.predict(text, api_name="/echo")


@mock.patch("gradio_client.client.Client.predict")
def test_echo(predict):
    predict.return_value = "hi"
    assert echo("x") == "hi"
