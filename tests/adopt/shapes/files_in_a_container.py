from gradio_client import Client, handle_file

studio = Client("http://studio.test")
files = Client("http://files.test")
pictures = []
for path in ("cat.png", "cat.png"):
    pictures.append(handle_file(path))
notes = [handle_file(path) for path in ("notes.txt", "notes.txt")]
by_name = {"cat": handle_file("cat.png"), "prompt": "a cat"}
by_name["again"] = handle_file("cat.png")
captions = [studio.predict(image=picture, api_name="/caption") for picture in pictures]
joined = files.predict(notes, "+", api_name="/join")
again = studio.predict(by_name["again"], api_name="/caption")
result = (captions, joined, again, by_name["prompt"])
