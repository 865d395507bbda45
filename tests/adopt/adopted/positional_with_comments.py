from typing import Any
from text import greet

result: Any = greet(
		name="Ada",	# str in 'Name' Textbox component
		excited=True,	# bool in 'Excited' Checkbox component
		celsius=5,	# float (numeric value between -20 and 40)
)
result = result[0]
