from gradio_client import Client

client = Client("http://chat.test")


def remember(word: str) -> str:
    words, number = client.predict(
        word=word,
        times=1,
        api_name="/remember",
    )
    return f"""{words}
({number:g})"""


result = [remember("a"), remember("b")]
