from gradio_client import Client
from gradio_client.exceptions import AppError
from spacegen_runtime.errors import AppError as AppError_, AuthError, CannotConnect, ConnectionLost, EndpointChanged, InputRefused, QuotaExceeded
import text

client = Client("http://text.test")
try:
    # spacegen adopt: count=9 is not one of the choices 1, 2, 3
    result = client.predict("small", 9, [], api_name="/order")
except AppError as error:
    result = type(error).__name__
except Exception:
    result = "other"
try:
    text.order(size="small", count=3, extras=[])
except (AppError_, InputRefused, QuotaExceeded, ConnectionError, CannotConnect, ConnectionLost) as error:
    print(error)


def swap() -> object:
    try:
        return text.swap(first="a", second=True)
    except (ValueError, AppError_, InputRefused, QuotaExceeded, AuthError, EndpointChanged) as error:
        return str(error)
