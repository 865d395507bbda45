from gradio_client import Client

client = Client("http://text.test")


def echo(text):
    # spacegen adopt: monkeypatch.setattr(client, "predict", lambda *_, **__: "hi") replaces it in a test; use `fake_space` to replace a package's Space
    return client.predict(text, api_name="/echo")


def test_echo(monkeypatch):
    monkeypatch.setattr(client, "predict", lambda *_, **__: "hi")
    assert echo("x") == "hi"
