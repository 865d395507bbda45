"""Calls endpoints through gradio_client, as a program in an environment of any Gradio: `python peer.py FOLDER`.

Reads `{"url": ..., "calls": [{"endpoint": "/name" or 3, "values": [...]}]}` from its standard input, and writes
one JSON line for each call: whether it succeeded, the result, the steps before it, the words of an error. A
value `{"$file": path}` is a file; files of results lie in FOLDER, and are their path in the result.
"""

import json
import os
import sys
import warnings
from typing import Any

import gradio_client

warnings.simplefilter("ignore")
as_file: Any = getattr(gradio_client, "handle_file", None) or getattr(gradio_client, "file", str)


def main() -> None:
    asked = json.load(sys.stdin)
    client = connect(asked["url"], sys.argv[1])
    jobs = (submit(client, call) for call in asked["calls"])
    for job in list(jobs) if asked.get("at_once") else jobs:
        print(json.dumps(outcome(job, asked.get("limit", 60)), default=str), flush=True)
    os._exit(0)  # threads of its own may be left that never end


def connect(url: str, folder: str) -> Any:
    name = "download_files" if "download_files" in gradio_client.Client.__init__.__annotations__ else "output_dir"
    return gradio_client.Client(url, **{name: folder}, verbose=False)


def submit(client: Any, call: dict[str, Any]) -> Any:
    endpoint = call["endpoint"]
    name = "api_name" if isinstance(endpoint, str) else "fn_index"
    return client.submit(*map(given, call["values"]), **{name: endpoint})


def given(value: Any) -> Any:
    if isinstance(value, dict) and "$file" in value:
        return as_file(value["$file"])
    return [given(one) for one in value] if isinstance(value, list) else value


def outcome(job: Any, limit: float) -> dict[str, Any]:
    try:
        return {"result": job.result(timeout=limit), "steps": job.outputs()}
    except BaseException as error:  # whatever it is, it is what the caller of gradio_client gets
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
