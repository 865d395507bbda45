import tempfile
from studio import infer

answer = infer(prompt="a fox", seed=7)
path, seed = (str(answer.result.save(tempfile.mkdtemp())), answer.seed)
with open(path, "rb") as file:
    result = (file.read(4), seed)
