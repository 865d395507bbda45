"""Rewrites code that uses gradio_client so that it calls typed packages.

Read `run` first; it calls the stages in this order:

1. `find` lists the files, `files` reads each as text with its encoding and line endings (`notebooks`: as cells).
2. `module` parses a file, `constants` finds the value of an expression, `kinds` its class, `clients` the Client
   that a name holds; `flows` follows a value through the file, `mocked` finds what tests replace.
3. `uses` finds every use; `spaces` gets the Space behind it, from a package, a saved file or the network.
4. `holding` compares a call with the Space; `results` converts a result to what gradio_client returned.
5. `arguments`, `jobs`, `options`, `shared_files`, `sessions` and `imports` plan edits, which are small
   replacements of text; `edits` applies them.
6. `write` replaces files completely or not at all.

Only `spaces` knows the rest of the generator.
"""
