import os
import shutil
import tempfile

from gradio_client import Client


def draw(prompt: str, target: str, seed: int = 1) -> str:
    client = Client("http://studio.test")
    answer = client.predict(prompt, seed, False, 4, 4, api_name="/infer")
    shutil.copy(answer[0], target)
    return f"{os.path.basename(target)} {answer[1]:g}"


result = draw("a fox", os.path.join(tempfile.mkdtemp(), "fox.png"))
