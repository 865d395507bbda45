from text import greet

job = greet.submit(name="Ada", excited=True, celsius=5)
result = job.result(timeout=60).greeting
if not job.done():
    job.cancel()
