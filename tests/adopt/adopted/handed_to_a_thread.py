import asyncio
import threading
from functools import partial

from gradio_client import Client
import text as text_space


class Service:
    def __init__(self) -> None:
        self._client: Client | None = None

    async def _get(self) -> Client:
        if self._client is None:
            self._client = await asyncio.to_thread(Client, "http://text.test")
        return self._client

    async def echo(self, text: str) -> str:
        client = await self._get()
        return await text_space.echo.aio(text=text)


client = Client("http://text.test")
# spacegen adopt: client.predict is passed on to code that is not read here
ask = partial(client.predict, api_name="/echo")
# spacegen adopt: client.predict is passed on to code that is not read here
thread = threading.Thread(target=client.predict, args=("x",), kwargs={"api_name": "/echo"})
thread.start()
thread.join()
result = asyncio.run(Service().echo("x")), ask("y")
