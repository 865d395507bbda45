from text import echo

jobs = []
for word in ("a", "b"):
    jobs.append(echo.submit(word))
status = jobs[0].status()
print(status.eta, jobs[1].status().position)
result = [job.result(timeout=30) for job in jobs]
by_word = {word: echo.submit(word) for word in ("c", "d")}
for word, job in by_word.items():
    result.append(word + job.result())
for number, job in enumerate(jobs):
    result.append(str(number) + job.result())
