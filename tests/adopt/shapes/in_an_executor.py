import asyncio
from concurrent.futures import ThreadPoolExecutor

from gradio_client import Client

client = Client("http://text.test")


async def echo(text: str) -> str:
    loop = asyncio.get_running_loop()
    answer: str = await loop.run_in_executor(None, lambda: client.predict(text, api_name="/echo"))
    return answer


with ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(client.predict, text=word, api_name="/echo") for word in ("a", "b")]
    result = [asyncio.run(echo("hello")), *(future.result() for future in futures)]
