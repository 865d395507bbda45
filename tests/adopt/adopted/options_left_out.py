from gradio_client import Client

client = Client(src="http://text.test", verbose=False, ssl_verify=False, download_files="out")
# spacegen adopt: download_files="out" says where results go; they are fetched when `save(...)` says where to
result = client.predict(a=1, api_name="/add")
