import asyncio

from text import echo


async def all_of_them() -> list[str]:
    return await asyncio.gather(
        *(echo.aio(text=word) for word in ("a", "b"))
    )


result = asyncio.run(all_of_them())
