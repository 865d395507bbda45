from gradio_client import Client

studio = Client("http://studio.test")
result = studio.predict("fox", 1, api_name="/infer")
print(result)
result = studio.predict("fox", "bob", 1, api_name="/speak")
print(result[0])
result = studio.predict("a long text", api_name="/classify")
result = result["label"]
