"""A web service that calls a Space for its visitors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from mimetypes import guess_type

import files_app
import httpx
from fastapi import FastAPI, HTTPException, Request, Response, UploadFile
from spacegen_runtime import SpaceError, errors, visitor_headers
from text_app import greet, space, swap


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Keep one pool of connections for as long as the service runs."""
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=20)) as client:
        for one in (space, files_app.space):
            one.configure(http_client=client, timeout=30)
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/greet/{name}")
async def greet_visitor(name: str, request: Request) -> dict[str, str]:
    """Greet somebody in the name of who asks."""
    token = request.headers.get("x-hf-token", False)
    call = greet.with_options(headers=visitor_headers(request), token=token)
    try:
        result = await call.aio(name)
    except (errors.QueueFull, errors.RateLimited, errors.QuotaExceeded) as busy:
        raise HTTPException(503, str(busy), headers={"retry-after": "10"}) from busy
    except errors.InputRefused as wrong:
        raise HTTPException(422, str(wrong)) from wrong
    except SpaceError as failed:
        raise HTTPException(502, str(failed)) from failed
    return {"greeting": result.greeting}


@app.post("/flip")
async def flip_picture(picture: UploadFile) -> Response:
    """Turn a visitor's picture upside down."""
    turned = await files_app.flip.aio(picture)
    return Response(await turned.aread(), media_type=guess_type(turned.name)[0])


app.post("/swap")(swap.aio)
