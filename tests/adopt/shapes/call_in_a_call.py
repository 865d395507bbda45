from gradio_client import Client, handle_file

studio = Client("http://studio.test")
text = Client("http://text.test")
picture = studio.predict("a fox", 1, False, 4, 4, api_name="/infer")[0]
result = text.predict(studio.predict(image=handle_file(picture), api_name="/caption"), api_name="/echo")
