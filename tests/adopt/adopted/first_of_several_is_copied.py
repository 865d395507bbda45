import os
import shutil
import tempfile

from studio import infer


def draw(prompt: str, target: str, seed: int = 1) -> str:
    answer = infer(prompt=prompt, seed=seed, randomize_seed=False, width=4, height=4)
    shutil.copy(str(answer.result.save(tempfile.mkdtemp())), target)
    return f"{os.path.basename(target)} {answer.seed:g}"


result = draw("a fox", os.path.join(tempfile.mkdtemp(), "fox.png"))
