import logging

from studio import caption

logger = logging.getLogger(__name__)


def describe(path: str) -> str:
    logger.info("describing %s", path)
    return str(caption(image=path))


result = describe("cat.png")
