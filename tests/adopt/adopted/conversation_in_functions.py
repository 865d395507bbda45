import chat

client = chat.space.session(keep=True)


def remember(word: str) -> str:
    with client:
        words, number = chat.remember(
            word=word,
            times=1,
        )
    return f"""{words}
({number:g})"""


result = [remember("a"), remember("b")]
