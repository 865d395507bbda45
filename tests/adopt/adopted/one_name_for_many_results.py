import tempfile
from typing import Any
from studio import classify, infer, speak

answer = infer(prompt="fox", seed=1)
result: Any = (str(answer.result.save(tempfile.mkdtemp())), answer.seed)
print(result)
answer_2 = speak(text="fox", voice="bob", speed=1)
result = (answer_2.log, str(answer_2.speech.save(tempfile.mkdtemp())))
print(result[0])
result = classify("a long text").model_dump(exclude_unset=True)
result = result["label"]
