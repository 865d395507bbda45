from gradio_client import Client

client = Client("http://text.test")
client.predict("hello", api_name="/ecko")
client.predict("hello", api_name="echo")
client.predict(txt="hello", api_name="/echo")
client.predict(api_name="/echo")
client.predict("huge", 1, [], api_name="/order")
client.predict("Ada", True, 50, api_name="/greet")
client.predict("a", "b", api_name="/echo")
client.predict("Ada", name="Bob", excited=True, api_name="/greet")
result = client.predict("small", 1, [], api_name="/order")[0]
