from gradio_client import Client

client = Client("http://chat.test")
first = client.predict(api_name="/count")
second = client.predict(api_name="/count")
print(first, second)
words = client.predict("tea", 2, api_name="/remember")
result = (first, second, words[0], words[1])
