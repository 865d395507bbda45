"""Call a Space, and try again where nothing can have run."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from spacegen_runtime import errors
from text_app import greet

R = TypeVar("R")
NOTHING_RAN = (
    errors.CannotConnect,
    errors.QueueFull,
    errors.RateLimited,
    errors.SpaceAsleep,
    errors.SpaceBuilding,
)


def patiently(call: Callable[[], R], pauses: Sequence[float] = (1, 2, 4, 8)) -> R:
    """Make a call; after an error that promises that nothing has run, pause so many seconds and make it again."""
    for pause in pauses:
        try:
            return call()
        except NOTHING_RAN as error:
            time.sleep(getattr(error, "retry_after", None) or pause)
        except errors.ConnectionLost as error:
            if error.may_have_run:
                raise
            time.sleep(pause)
    return call()


if __name__ == "__main__":
    print(patiently(lambda: greet(sys.argv[1])).greeting)
