import asyncio

from gradio_client import Client

client = Client("http://studio.test")


async def draw(prompt: str) -> tuple[bytes, float]:
    answer = await asyncio.to_thread(
        client.predict,
        prompt,  # what to draw
        4,
        False,
        api_name="/infer",
    )
    return open(answer[0], "rb").read(4), answer[1]


result = asyncio.run(draw("a fox"))
