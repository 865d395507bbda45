from text import echo

from gradio_client import *; said = echo("x")
result = said, echo("y")
