import tempfile
from studio import infer


def generate(prompt: str, seed: int = -1) -> object:
    """Draw with whatever is there."""
    try:

        answer = infer(prompt=prompt, seed=5, randomize_seed=False, width=4, height=4)
        return open(str(answer.result.save(tempfile.mkdtemp())), "rb").read(4), answer.seed
    except ImportError:
        return None


result = generate("a fox")
