import tempfile
from files import awkward

answer = str(awkward("one two").save(tempfile.mkdtemp()))
path = answer["path"] if isinstance(answer, dict) else answer
result = open(path).read()
