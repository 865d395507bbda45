import os

from text import echo, space

HF_TOKEN = os.getenv("HF_TOKEN")
space.configure(token=HF_TOKEN, headers={"x-caller": "me"})
result = echo.with_options(headers={"x-request-id": "7"})("hello")
