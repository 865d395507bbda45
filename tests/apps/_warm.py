"""Imports Gradio once, and forks a process for each app that it is told to run; see `tests/support/warm.py`.

A message on the socket names the app, its arguments and its environment, and brings the app's standard input and
output. The answer is the process. It ends with who started it.
"""

import gc
import json
import os
import runpy
import socket
import sys
from pathlib import Path

import _serve  # noqa: F401  with Gradio, and all that it imports


def main():
    """Fork until nobody is there to ask for it."""
    asked = socket.socket(fileno=int(sys.argv[1]))
    gc.collect()
    gc.freeze()  # no collection looks again at what Gradio is made of, and no page of it is copied for that
    while True:
        wish, streams, _, _ = socket.recv_fds(asked, 1 << 20, 2)
        reap()
        if not wish:
            return
        child = os.fork()
        if child == 0:
            os.setsid()  # a group of its own, before anybody knows of it
            asked.send(str(os.getpid()).encode())
            asked.close()
            become(json.loads(wish), *streams)
        for stream in streams:
            os.close(stream)


def reap():
    """Let go of those that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def become(wish, given, printed):
    """Run a script as `python script ...` does."""
    for stream, place in ((given, 0), (printed, 1), (printed, 2)):
        os.dup2(stream, place)
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.argv[:] = wish["words"]
    sys.path[0] = str(Path(wish["words"][0]).parent)
    runpy.run_path(wish["words"][0], run_name="__main__")
    sys.exit()


if __name__ == "__main__":
    main()
