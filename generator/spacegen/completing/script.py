"""The script that teaches a shell to complete: click's own, extended for words that continue, such as `name=`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

# Shells put a space after the only suggestion, which is wrong for `name=`; fish does not.
_NO_SPACE = {
    "bash": (
        "    return 0\n",
        '    [[ "${COMPREPLY[*]}" == *= ]] && compopt -o nospace\n    return 0\n',
    ),
    "zsh": (
        "_describe -V unsorted completions_with_descriptions -U\n",
        "local -a nospace\n"
        '        [[ "${completions_with_descriptions[1]}" == *=:* ]] && nospace=(-S "")\n'
        '        _describe -V unsorted completions_with_descriptions -U "${nospace[@]}"\n',
    ),
}


def script(program: click.Command, name: str, shell: str) -> str:
    """Return the script that teaches a shell to complete a program.

    Args:
        program: The program's command.
        name: What users type.
        shell: `bash`, `zsh` or `fish`.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    text = kind(program, {}, name, f"_{name.upper()}_COMPLETE").source()
    return text.replace(*_NO_SPACE[shell]) if shell in _NO_SPACE else text
