from gradio_client import Client

client = Client(src="http://text.test", verbose=False, ssl_verify=False, download_files="out")
result = client.predict(a=1, api_name="/add")
