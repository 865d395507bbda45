from text import echo

jobs = [echo.submit(word) for word in ("a", "b", "c")]
result = [job.result() for job in jobs]
