from text import echo

jobs = []
for word in ("a", "b"):
    jobs.append(echo.submit(word))
status = jobs[0].status()
print(status.eta, jobs[1].status().position)
result = [job.result(timeout=30) for job in jobs]
