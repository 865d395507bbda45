from gradio_client import Client
from typing import Any
import text

client = Client("http://text.test")
WHOLE: dict[str, Any] = {"name": "Ada", "excited": True}
first = text.greet(**WHOLE)
order: dict[str, Any] = dict(size="small", count=2)
second = text.order(**order)


def changed(name):
    body = {"name": name}
    body["excited"] = True
    # spacegen adopt: **body is known only at run time
    return client.predict(api_name="/greet", **body)[0]


def passed(**values):
    # spacegen adopt: **values is known only at run time
    return client.predict(api_name="/greet", **values)[0]


result = first, second, changed("Bob"), passed(name="Eve")
