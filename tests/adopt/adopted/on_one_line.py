from text import echo; result = echo("hello")
if result: result = echo(result); print(result)
