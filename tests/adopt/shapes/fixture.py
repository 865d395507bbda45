import pytest
from gradio_client import Client


@pytest.fixture
def client():
    client = Client("http://text.test")
    return client


@pytest.mark.parametrize("word", ["one", "two"])
def test_echo(client, word):
    api_name = "/echo"
    answer = client.predict(text=word, api_name=api_name)
    assert answer == word
