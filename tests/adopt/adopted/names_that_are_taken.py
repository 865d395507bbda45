import text as text_space


def echo(text: str) -> str:
    return str(text_space.echo(text))


def greet(name: str) -> str:
    greeting, _ = text_space.greet(name=name, excited=False, celsius=5)
    return f"{greeting}"


result = (echo("hello"), greet("Ada"))
