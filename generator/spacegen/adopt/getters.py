"""Functions that only return a Client, and names that only hold it: removed if nothing uses them."""

from __future__ import annotations

import libcst as cst
from libcst.metadata import GlobalScope

from spacegen.adopt.calls import called
from spacegen.adopt.clients import Clients, Made
from spacegen.adopt.edits import Edit
from spacegen.adopt.elsewhere import Elsewhere
from spacegen.adopt.module import Module, is_text
from spacegen.adopt.removal import remove_lines
from spacegen.adopt.uses import uses_of


def idle_names(
    module: Module, clients: Clients, elsewhere: Elsewhere, gone: set[cst.CSTNode], needed: set[Made]
) -> list[cst.Assign]:
    """Return every `client = get_client()` whose name nothing uses any more.

    Args:
        module: The file.
        clients: Its Clients.
        elsewhere: What other files use.
        gone: Places that no longer speak of a Client.
        needed: Clients that become sessions.
    """
    found = []
    for one in module.walk(module.tree):
        if not isinstance(one, cst.Assign) or len(one.targets) != 1 or not isinstance(one.value, cst.Call):
            continue
        held = clients.of(one.value) if isinstance(one.value.func, cst.Name) else None
        if one.value in clients.made or held is None or held.unclear or needed & set(held.made):
            continue
        target = one.targets[0].target
        uses = uses_of(module, target)
        shared = isinstance(target, cst.Name) and isinstance(module.scope(target), GlobalScope)
        if module.code(target) in elsewhere.mentioned:
            continue
        if uses and set(uses) <= gone and not (shared and elsewhere.takes(module.code(target))):
            found.append(one)
    return found


def idle_getter(
    module: Module, made: Made, elsewhere: Elsewhere, gone: set[cst.CSTNode]
) -> tuple[cst.FunctionDef, Edit] | None:
    """Return the function that only creates a Client, and the edit that removes it; None if it is needed."""
    function = module.function(made.node)
    if not isinstance(module.parent(made.node), cst.Return) or not isinstance(function, cst.FunctionDef):
        return None
    if module.parent(function) is not module.tree or not isinstance(function.body, cst.IndentedBlock):
        return None
    statements = [one for one in function.body.body if not _is_docstring(one)]
    calls = called(module, function)
    name = function.name.value
    if len(statements) != 1 or not calls or name in elsewhere.mentioned or elsewhere.takes(name) is not None:
        return None
    if not all(isinstance(call, cst.Call) and call.func in gone for call in calls):
        return None
    first = function.decorators[0] if function.decorators else function
    return function, remove_lines(module, first, function.body.body[-1])


def _is_docstring(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and is_text(statement.body[0])
