from gradio_client import Client, handle_file

client = Client("http://studio.test")
picture = handle_file("cat.png")
# spacegen adopt: a file of it also goes to a place that is left
result = client.predict(image=picture, api_name="/caption")
arguments = {"image": picture}
# spacegen adopt: arguments may hold a file of gradio_client
print(client.predict(**arguments, api_name="/caption"))
