from text import echo


class Config:
    HOST = "text"
    URLS = {"text": f"http://{HOST}.test", "other": "http://other.test"}


result = echo("hello")
