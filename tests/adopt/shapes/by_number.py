from gradio_client import Client

client = Client("http://text.test/", serialize=True)
client2 = Client("http://text.test")
result = client2.predict("hello", fn_index=0)
