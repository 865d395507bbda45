import requests

BASE = "http://text.test/gradio_api"

answer = requests.post(f"{BASE}/call/echo", json={"data": ["hello"]})
event = answer.json()["event_id"]
with requests.get(f"http://text.test/gradio_api/call/echo/{event}", stream=True) as stream:
    result = [line for line in stream.iter_lines()]
requests.get("https://example.com/api/users")
