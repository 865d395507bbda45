"""Code that uses gradio_client, moved over to typed packages.

Read `run` first; it calls the stages in this order:

1. `find` lists the files, `files` reads each as text with its encoding and line ends (`notebooks`: as cells).
2. `module` parses a file, `constants` says what an expression is in the end, `kinds` of which class it is,
   `clients` what a name holds; `flows` follows a value through the file, `mocked` finds what tests replace.
3. `uses` finds every use; `spaces` gets the Space behind it, from a package, a saved file or the network.
4. `holding` holds a call against the Space; `results` says how a result gives what gradio_client gave.
5. `arguments`, `jobs`, `options`, `shared_files`, `sessions` and `imports` plan edits, which are small pieces of
   text; `edits` puts them in.
6. `write` replaces files whole or not at all.

Only `spaces` knows the rest of the generator.
"""
