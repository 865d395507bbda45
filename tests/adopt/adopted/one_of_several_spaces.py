from gradio_client import Client

SPACES = ["http://text.test", "http://studio.test"]


def try_all(text: str) -> object:
    for space in SPACES:
        try:
            client = Client(space)
            # spacegen adopt: the Space is known only at run time; name it with --source space=owner/space
            return client.predict(text, api_name="/classify")
        except Exception as error:
            print(f"{space}: {error}")
    return None


result = try_all("hello")
