import pytest
from gradio_client import Client
from text import echo


@pytest.fixture
def client():
    client = Client("http://text.test")
    return client


@pytest.mark.parametrize("word", ["one", "two"])
def test_echo(client, word):
    api_name = "/echo"
    answer = echo(text=word)
    assert answer == word
