"""`tests/apps/drifting.py`, restarted as another of its variants."""

from __future__ import annotations

import time

import httpx


def restart_as(name: str, root: str) -> None:
    """End the app's process, and wait until the one that follows it answers."""
    with httpx.Client(base_url=root, timeout=240, trust_env=False, verify=False) as client:
        before = client.post(f"/become/{name}").raise_for_status().json()
        deadline = time.monotonic() + 240
        while True:
            try:
                now, process = client.get("/variant").json()
                if now == name and process != before:  # the process that ends answers for a moment longer
                    return
            except httpx.TransportError:
                assert time.monotonic() < deadline
            time.sleep(0.05)  # no event tells that another process listens
