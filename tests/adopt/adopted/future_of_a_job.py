import asyncio

from gradio_client import Client

client = Client("http://text.test")


async def echo(text: str) -> str:
    # spacegen adopt: its job would not be a Future, and this file waits for Futures
    return str(await asyncio.wrap_future(client.submit(text, api_name="/echo")))


result = asyncio.run(echo("hello"))
