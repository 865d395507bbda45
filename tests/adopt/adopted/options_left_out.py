from gradio_client import Client

client = Client(src="http://text.test", verbose=False, ssl_verify=False, download_files="out")
# spacegen adopt: download_files="out" names a folder for results; the package saves a file when you call `save(...)`
result = client.predict(a=1, api_name="/add")
