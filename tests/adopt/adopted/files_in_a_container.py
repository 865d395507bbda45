from gradio_client import handle_file
from spacegen_runtime import FileData
from files import join
from studio import caption

pictures = []
for path in ("cat.png", "cat.png"):
    pictures.append(FileData.of(path))
notes = [FileData.of(path) for path in ("notes.txt", "notes.txt")]
by_name = {"cat": handle_file("cat.png"), "prompt": "a cat"}
by_name["again"] = FileData.of("cat.png")
captions = [caption(image=picture) for picture in pictures]
joined = join(files=notes, separator="+")
again = caption(by_name["again"])
result = (captions, joined, again, by_name["prompt"])
