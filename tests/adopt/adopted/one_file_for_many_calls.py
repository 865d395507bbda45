from spacegen_runtime import FileData
from studio import caption

picture = FileData.of("cat.png")
result = [caption(image=picture) for _ in range(2)]
