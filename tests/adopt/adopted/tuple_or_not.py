import tempfile
from studio import infer

answer_2 = infer(prompt="a fox", seed=1, randomize_seed=False, width=4, height=4)
answer = (str(answer_2.result.save(tempfile.mkdtemp())), answer_2.seed)
path = answer[0] if isinstance(answer, (list, tuple)) else answer
result = open(path, "rb").read(4)
