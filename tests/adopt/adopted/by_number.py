from text import echo

result = echo("hello")
