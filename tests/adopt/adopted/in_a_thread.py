import asyncio

import tempfile
from studio import infer


async def draw(prompt: str) -> tuple[bytes, float]:
    answer = await infer.aio(
        prompt=prompt,  # what to draw
        seed=4,
        randomize_seed=False,
    )
    return open(str(await answer.result.asave(tempfile.mkdtemp())), "rb").read(4), answer.seed


result = asyncio.run(draw("a fox"))
