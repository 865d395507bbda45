import tempfile
from studio import speak


def say(text: str) -> str:
    answer = speak(text=text, voice="bob", speed=2.0)
    _, path = (answer.log, str(answer.speech.save(tempfile.mkdtemp())))
    with open(path) as file:
        return file.read()


result = say("hello")
