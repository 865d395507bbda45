from chat import count, space

with space.session():
    count()
    result = count()
