from streaming import story

result = [step for step in story.stream(start="Once")]
for update in story.stream("Once"):
    print(update)
