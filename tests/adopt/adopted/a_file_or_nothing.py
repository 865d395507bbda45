import tempfile
from studio import maybe

answer = maybe("cat")
path, said = (str(answer.picture.save(tempfile.mkdtemp())), answer.said)
drawn = str(maybe("fox").picture.save(tempfile.mkdtemp()))
result = (path, said, open(drawn, "rb").read(4) if drawn else None)
