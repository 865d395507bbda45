from gradio_client import Client, file, handle_file

studio = Client("http://studio.test")
files = Client("http://files.test")
worn, mask = studio.predict(
    person={"background": handle_file("cat.png"), "layers": [], "composite": None},
    garment=handle_file("cat.png"),
    description="shirt",
    api_name="/tryon",
)
joined = files.predict([file("notes.txt"), handle_file("notes.txt")], "+", api_name="/join")
result = (open(worn, "rb").read(4), open(mask, "rb").read(4), joined)
