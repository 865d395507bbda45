"""What `import` of a generated package costs, and the way from a cold process to a first result."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from support.servers import GradioServer

from bench._clients import generate, quiet
from bench._compare import OURS, PEER, RAW, Contestant, measure, report

MODELS = "spacegen with models, loaded when one is used,"


def main() -> None:
    quiet()
    with (
        GradioServer("text") as server,
        GradioServer("chat") as with_models,
        tempfile.TemporaryDirectory(prefix="spacegen-bench-") as folder,
    ):
        generate(server.url, Path(folder), "bench_import")
        generate(with_models.url, Path(folder), "bench_import_models")
        here = f"import sys; sys.path.insert(0, {folder!r}); "
        imports = {
            OURS: _python(f"{here}import bench_import"),
            MODELS: _python(f"{here}import bench_import_models"),
            PEER: _python("import gradio_client"),
            "nothing": _python("pass"),
        }
        taken = measure(imports, rounds=9)
        # What starting Python costs is in all of them, and nobody's doing.
        idle = taken.pop("nothing")
        net = {name: [one - none for one, none in zip(all_, idle, strict=True)] for name, all_ in taken.items()}
        report("import of the client", net, base=PEER)
        peer = f"Client({server.url!r}, verbose=False).predict('x', api_name='/echo')"
        results = {
            OURS: _python(f"{here}import bench_import; bench_import.echo('x')"),
            PEER: _python(f"from gradio_client import Client; {peer}"),
            RAW: _python(f"from bench._clients import Raw; Raw({server.url!r}).call('echo', 'x')"),
        }
        report("cold process to a first result", measure(results, rounds=7))


def _python(code: str) -> Contestant:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


if __name__ == "__main__":
    main()
