from gradio_client import Client
from gradio_client.exceptions import AppError

client = Client("http://text.test")
try:
    result = client.predict("small", 9, [], api_name="/order")
except AppError as error:
    result = type(error).__name__
except Exception:
    result = "other"
try:
    client.predict("small", 3, [], api_name="/order")
except (AppError, ConnectionError) as error:
    print(error)


def swap() -> object:
    try:
        return client.predict("a", True, api_name="/swap")
    except ValueError as error:
        return str(error)
