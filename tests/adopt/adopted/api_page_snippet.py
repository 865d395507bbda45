import tempfile
from studio import infer

answer = infer(
    prompt="a fox",
    seed=3,
    randomize_seed=False,
    width=4,
    height=4,
)
result = (str(answer.result.save(tempfile.mkdtemp())), answer.seed)
print(result)
