from chat import count, remember, space

client = space.session(keep=True)
with client:
    first = count()
    second = count()
print(first, second)
with client:
    words = remember(word="tea", times=2)
result = (first, second, words.words, words.how_many)
