from gradio_client import Client

client = Client("http://text.test")

result = client.predict(
		"Ada",	# str in 'Name' Textbox component
		True,	# bool in 'Excited' Checkbox component
		5,	# float (numeric value between -20 and 40)
		api_name="/greet"  # the endpoint
)
result = result[0]
