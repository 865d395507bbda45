from typing import Any
from chat import count, remember, space


class Counter:
	def __init__(self):
		self.client = space.session(keep=True)
		self.count: Any = 0

	def go(self):
		for _ in range(2):
			with self.client:
				self.count = count()
				text = remember(word="""one
  twothree""", times=2)
		return self.count, text


result = Counter().go()
