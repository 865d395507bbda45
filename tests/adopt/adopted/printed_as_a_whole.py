import json
import logging

from typing import Any
from text import greet

answer = greet(name="Ada", excited=True, celsius=5)
print(tuple(answer))
logging.info("it is %s", tuple(answer))
greeting, fahrenheit = answer
result: list[Any] = [str(tuple(answer)), f"{tuple(answer)}", repr(tuple(greet(name="Bob", excited=False, celsius=5))), json.dumps(answer)]
result += [answer.greeting, answer == (greeting, fahrenheit), "%s and %s" % answer]
