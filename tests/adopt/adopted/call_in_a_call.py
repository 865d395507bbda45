import tempfile
from studio import caption, infer
from text import echo

picture = str(infer(prompt="a fox", seed=1, randomize_seed=False, width=4, height=4).result.save(tempfile.mkdtemp()))
result = echo(caption(image=picture))
