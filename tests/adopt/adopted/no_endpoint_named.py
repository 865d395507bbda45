from gradio_client import Client

client = Client("http://text.test")
# spacegen adopt: it names no endpoint, and the Space has 9 (/echo, /fast, /greet, /order, /defaults, /add, /swap, /forget)
print(client.predict("Hello"))
