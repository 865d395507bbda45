import tempfile
from typing import Any
from studio import GalleryImage, variations

pictures = [
    (dict[str, Any](image=str(item.image.save(tempfile.mkdtemp())), caption=item.caption)
        if isinstance(item, GalleryImage)
        else dict[str, Any](video=str(item.video.save(tempfile.mkdtemp())), caption=item.caption))
    for item in variations(prompt="fox", count=3)
]
result = [open(picture["image"], "rb").read(4) for picture in pictures] + [pictures[0]["caption"]]
