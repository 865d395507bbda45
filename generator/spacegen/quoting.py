"""The only place where a text of a Space becomes source: as a literal or as a docstring."""

from __future__ import annotations

from spacegen.text import STRAY_SELECTORS, is_printable


def literal(value: object) -> str:
    """Return a scalar, or a tuple of scalars, as the source of a literal, quoted as black quotes.

    Nothing in the text can end the literal, and all of it is printable: control and bidirectional characters are
    escaped.
    """
    if isinstance(value, tuple):
        items = ", ".join(map(literal, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    if not isinstance(value, str):
        return repr(value)
    quote = "'" if value.count('"') > value.count("'") else '"'
    body = "".join(_escaped(letter, quote) for letter in value)
    return quote + STRAY_SELECTORS.sub(lambda found: ascii(found[0])[1:-1], body) + quote


def _escaped(letter: str, quote: str) -> str:
    if letter in (quote, "\\"):
        return f"\\{letter}"
    return letter if is_printable(letter) else ascii(letter)[1:-1]


def quoted(text: str, indent: str) -> str:
    """Return text as the source of a docstring whose first line is already indented.

    Backslashes and quotes are escaped, so no text can end the literal.
    """
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if safe.endswith('"'):
        safe = f'{safe[:-1]}\\"'
    lines = [line and indent + line for line in safe.split("\n")]
    body = "\n".join(lines).removeprefix(indent)
    return f'"""{body}\n{indent}"""' if len(lines) > 1 else f'"""{body}"""'
