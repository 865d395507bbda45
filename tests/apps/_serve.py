"""What every app here does when it is run: read the command line, serve, leave with whoever started it."""

import argparse
import contextlib
import inspect
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import _light
import gradio as gr

LAUNCHED = "launched"
"""Printed when `launch` is done. It asks its own server whether it answers, and dies if that takes seconds: others
have their answers by then, and must not put the process to sleep."""
VERSION = tuple(int(part) for part in gr.__version__.split(".")[:2])


def options_of(function: Callable[..., Any], **options: Any) -> dict[str, Any]:
    """Those of the options that this Gradio version knows for a function, a component or an event."""
    known = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in known}


def endpoint(function: Callable[..., Any], inputs: Any, outputs: Any, **options: Any) -> None:
    """An endpoint named after its function, behind a button of its own; to be called inside `gr.Blocks`."""
    name = options.pop("api_name", function.__name__)
    click = gr.Button(str(name)).click
    click(function, inputs, outputs, api_name=name, **options_of(click, **options))


def serve(build: Callable[[], gr.Blocks]) -> None:
    """Serve the app until the process ends or its standard input closes."""
    arguments = _arguments()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    with build_only():
        demo = build()
        demo.queue(**options_of(gr.Blocks.queue, default_concurrency_limit=10, max_size=arguments.queue_size))
    lighten(demo)
    if arguments.mount:
        _serve_mounted(demo, arguments)
    else:
        _launch(demo, arguments)


def build_only() -> contextlib.AbstractContextManager[None]:
    """Build what `launch` or `mount_gradio_app` serves afterwards; how older versions do that is not looked at."""
    return _light.without_routes() if VERSION >= (5, 0) else contextlib.nullcontext()


def lighten(demo: gr.Blocks) -> None:
    """Let a built app cost little; older versions are left as they are."""
    if VERSION >= (5, 0):
        _light.lighten(demo)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--auth", help="user:password, and more of them after a comma")
    parser.add_argument("--root-path", help="prefix that a reverse proxy strips")
    parser.add_argument("--mount", help="prefix at which a FastAPI app mounts this one")
    parser.add_argument("--queue-size", type=int, help="events that may wait")
    parser.add_argument("--max-file-size", type=int, help="bytes of the largest file that is taken")
    return parser.parse_args()


def _leave_with_parent() -> None:
    if sys.stdin is not None and not sys.stdin.isatty():
        # Not through sys.stdin.buffer: a thread that waits inside a buffer upsets the interpreter's shutdown.
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(0)  # the parent closed the pipe or died


def _auth(arguments: argparse.Namespace) -> list[tuple[str, ...]] | None:
    if not arguments.auth:
        return None
    return [tuple(pair.split(":", 1)) for pair in arguments.auth.split(",")]


def _launch(demo: gr.Blocks, arguments: argparse.Namespace) -> None:
    demo.launch(
        server_name="127.0.0.1",
        server_port=arguments.port,
        auth=_auth(arguments),
        root_path=arguments.root_path,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        **options_of(gr.Blocks.launch, ssr_mode=False, max_file_size=arguments.max_file_size),
    )
    print(LAUNCHED, flush=True)
    threading.Event().wait()


def _serve_mounted(demo: gr.Blocks, arguments: argparse.Namespace) -> None:
    import uvicorn
    from fastapi import FastAPI

    options = options_of(gr.mount_gradio_app, auth=_auth(arguments), root_path=arguments.root_path, ssr_mode=False)
    app = gr.mount_gradio_app(FastAPI(), demo, path=arguments.mount, **options)
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning")
