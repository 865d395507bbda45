import pandas

from gradio_client import Client

client = Client("http://text.test")
# spacegen adopt: pandas.DataFrame would name its columns after the fields of its NamedTuple
rows = [client.predict(name, True, 5, api_name="/greet") for name in ("Ada", "Bob")]
table = pandas.DataFrame(rows)
result = [table.values.tolist(), [str(name) for name in table.columns]]
