from text import add, space

space.configure(client_options={"verify": False})
result = add(a=1, b=1)
