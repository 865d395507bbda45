import tempfile
from files import join
from studio import tryon

answer = tryon(
    person={"background": "cat.png", "layers": [], "composite": None},
    garment="cat.png",
    description="shirt",
)
worn, mask = (str(answer.worn.save(tempfile.mkdtemp())), str(answer.mask.save(tempfile.mkdtemp())))
joined = join(files=["notes.txt", "notes.txt"], separator="+")
result = (open(worn, "rb").read(4), open(mask, "rb").read(4), joined)
