from gradio_client import Client

client = Client("http://text.test")


def echo(text):
    return client.predict(text, api_name="/echo")


def test_echo(monkeypatch):
    monkeypatch.setattr(client, "predict", lambda *_, **__: "hi")
    assert echo("x") == "hi"
