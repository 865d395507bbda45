from text import forget, hello

forget("hello")
result = hello()
