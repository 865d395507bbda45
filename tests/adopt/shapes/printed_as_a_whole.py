import json
import logging

from gradio_client import Client

client = Client("http://text.test")
answer = client.predict("Ada", True, 5, api_name="/greet")
print(answer)
logging.info("it is %s", answer)
greeting, fahrenheit = answer
result = [str(answer), f"{answer}", repr(client.predict("Bob", False, 5, api_name="/greet")), json.dumps(answer)]
result += [answer[0], answer == (greeting, fahrenheit), "%s and %s" % answer]
