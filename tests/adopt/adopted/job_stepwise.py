from streaming import story

job = story.submit("Once")
result = []
for step in job:
    result.append(step)
result.append(job.outputs()[-1])
