"""A web service that calls a Space for its visitors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, HTTPException, Request
from spacegen_runtime import SpaceError, errors, visitor_headers
from text_app import greet, space


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Keep one pool of connections for as long as the service runs."""
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=20)) as client:
        space.configure(http_client=client, timeout=30)
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
