import asyncio
from concurrent.futures import ThreadPoolExecutor

import text as text_space


async def echo(text: str) -> str:
    loop = asyncio.get_running_loop()
    answer: str = await loop.run_in_executor(None, lambda: text_space.echo(text))
    return answer


with ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(text_space.echo, text=word) for word in ("a", "b")]
    result = [asyncio.run(echo("hello")), *(future.result() for future in futures)]
