from gradio_client import Client


class Counter:
	def __init__(self):
		self.client = Client("http://chat.test")
		self.count = 0

	def go(self):
		for _ in range(2):
			self.count = self.client.predict(
				api_name="/count",
			)
			text = self.client.predict("""one
  twothree""", 2, api_name="/remember")
		return self.count, text


result = Counter().go()
