"""Serves apps that somebody else wrote, each at a path of its own, `/<name>`; `/config` tells why others miss.

OTHERS holds them as JSON, `{name: {"script": path, "folders": [paths]}}`. A script runs as it stands, in its own
folder; what it would launch is mounted here.
"""

import json
import os
import runpy
import sys
import threading
from pathlib import Path

import gradio as gr
import uvicorn
from _serve import _arguments, _leave_with_parent, options_of
from fastapi import FastAPI

launched = []


def build(script, folders):
    """Run a script, and return the app that it launches, or leaves as `demo`."""
    launched.clear()
    sys.path[:0] = [str(script.parent), *folders]
    os.chdir(script.parent)
    names = runpy.run_path(script.name, run_name="__main__")
    return launched[0] if launched else names["demo"]


def main():
    """Mount all that can be built, and serve until the process ends or its standard input closes."""
    arguments = _arguments()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    sys.argv[1:] = []
    gr.Blocks.launch = lambda demo, *_, **__: launched.append(demo)
    app, missing = FastAPI(), {}
    app.get("/config")(lambda: missing)
    for name, other in json.loads(os.environ["OTHERS"]).items():
        script = Path(other["script"])
        options = options_of(gr.mount_gradio_app, ssr_mode=False, allowed_paths=[str(script.parent)])
        try:
            app = gr.mount_gradio_app(app, build(script, other["folders"]), path=f"/{name}", **options)
        except Exception as error:
            missing[name] = f"{type(error).__name__}: {error}"
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
