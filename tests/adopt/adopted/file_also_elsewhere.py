from spacegen_runtime import FileData
from typing import Any
from studio import caption

picture = FileData.of("cat.png")
result = caption(image=picture)
arguments: dict[str, Any] = {"image": picture}
print(caption(**arguments))
