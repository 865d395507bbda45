from gradio_client import Client

client = Client("http://studio.test")
result = client.predict(
    prompt="a fox",
    seed=3,
    randomize_seed=False,
    width=4,
    height=4,
    api_name="/infer",
)
print(result)
