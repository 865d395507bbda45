import asyncio

from gradio_client import Client

client = Client("http://text.test")


async def all_of_them() -> list[str]:
    return await asyncio.gather(
        *(asyncio.to_thread(client.predict, word, api_name="/echo") for word in ("a", "b"))
    )


result = asyncio.run(all_of_them())
