import asyncio
import threading
from functools import partial

from gradio_client import Client


class Service:
    def __init__(self) -> None:
        self._client: Client | None = None

    async def _get(self) -> Client:
        if self._client is None:
            self._client = await asyncio.to_thread(Client, "http://text.test")
        return self._client

    async def echo(self, text: str) -> str:
        client = await self._get()
        return await asyncio.to_thread(client.predict, text, api_name="/echo")


client = Client("http://text.test")
ask = partial(client.predict, api_name="/echo")
thread = threading.Thread(target=client.predict, args=("x",), kwargs={"api_name": "/echo"})
thread.start()
thread.join()
result = asyncio.run(Service().echo("x")), ask("y")
