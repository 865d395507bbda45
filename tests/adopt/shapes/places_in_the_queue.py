from gradio_client import Client

client = Client("http://text.test")
jobs = []
for word in ("a", "b"):
    jobs.append(client.submit(word, api_name="/echo"))
status = jobs[0].status()
print(status.eta, jobs[1].status().rank)
result = [job.result(timeout=30) for job in jobs]
by_word = {word: client.submit(word, api_name="/echo") for word in ("c", "d")}
for word, job in by_word.items():
    result.append(word + job.result())
for number, job in enumerate(jobs):
    result.append(str(number) + job.result())
