from gradio_client import Client, handle_file

client = Client("http://studio.test")
picture = handle_file("cat.png")
result = [client.predict(image=picture, api_name="/caption") for _ in range(2)]
