from gradio_client import Client

client = Client("http://text.test")
WHOLE = {"name": "Ada", "excited": True}
first = client.predict(**WHOLE, api_name="/greet")
order = dict(size="small", count=2)
second = client.predict(api_name="/order", **order)


def changed(name):
    body = {"name": name}
    body["excited"] = True
    return client.predict(api_name="/greet", **body)[0]


def passed(**values):
    return client.predict(api_name="/greet", **values)[0]


result = first, second, changed("Bob"), passed(name="Eve")
