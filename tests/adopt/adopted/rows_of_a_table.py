import pandas

from gradio_client import Client

client = Client("http://text.test")
# spacegen adopt: pandas.DataFrame would name the columns after the fields of the result's NamedTuple
rows = [client.predict(name, True, 5, api_name="/greet") for name in ("Ada", "Bob")]
table = pandas.DataFrame(rows)
result = [table.values.tolist(), [str(name) for name in table.columns]]
