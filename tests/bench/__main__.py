"""Run all benches, or those that are named: `python -m bench warm_call steps`."""

from __future__ import annotations

import importlib
import sys

BENCHES = (
    "warm_call",
    "concurrent_calls",
    "data_set",
    "plan",
    "kills",
    "steps",
    "transfer",
    "round_trips",
    "importing",
    "generation",
    "fake_calls",
    "agents",
    "installing",
)


def main(names: list[str]) -> None:
    unknown = sorted(set(names) - set(BENCHES))
    if unknown:
        sys.exit(f"no bench named {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    for name in names or BENCHES:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
