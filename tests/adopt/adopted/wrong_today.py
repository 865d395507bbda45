from gradio_client import Client
from text import order

client = Client("http://text.test")
# spacegen adopt: the Space has no endpoint '/ecko'; did you mean /echo?
client.predict("hello", api_name="/ecko")
# spacegen adopt: the Space has no endpoint 'echo' (a name starts with a slash); did you mean /echo?
client.predict("hello", api_name="echo")
# spacegen adopt: /echo has no parameter txt; did you mean text?; /echo needs text
client.predict(txt="hello", api_name="/echo")
# spacegen adopt: /echo needs text
client.predict(api_name="/echo")
# spacegen adopt: size='huge' is not one of the choices 'small', 'large'
client.predict("huge", 1, [], api_name="/order")
# spacegen adopt: celsius=50 is more than the largest allowed value 40
client.predict("Ada", True, 50, api_name="/greet")
# spacegen adopt: /echo takes 1 values, and the call has more
client.predict("a", "b", api_name="/echo")
# spacegen adopt: name is given twice
client.predict("Ada", name="Bob", excited=True, api_name="/greet")
result = order(size="small", count=1, extras=[])[0]
