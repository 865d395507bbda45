import logging

from gradio_client import Client as GradioClient
from gradio_client import handle_file

logger = logging.getLogger(__name__)
GRADIO_CLIENT = GradioClient("http://studio.test")


def describe(path: str) -> str:
    logger.info("describing %s", path)
    return str(GRADIO_CLIENT.predict(image=handle_file(path), api_name="/caption"))


result = describe("cat.png")
