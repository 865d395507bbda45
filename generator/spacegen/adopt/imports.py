"""The imports of a rewritten file: unused ones of gradio_client are removed, those of packages are added."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import ImportAssignment

from spacegen.adopt.edits import LINE, Edit
from spacegen.adopt.found import Use
from spacegen.adopt.marks import MARK
from spacegen.adopt.module import Module, is_text
from spacegen.adopt.target import Target


@dataclass(slots=True)
class Spelling:
    """How a file names what it imports.

    Attributes:
        lines: The import statements that it needs, in order.
        names: The spelling of each mark.
    """

    lines: list[str] = field(default_factory=list)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def spelled(self, edit: Edit) -> Edit:
        """Return an edit with names in place of marks."""
        text = MARK.sub(lambda mark: self.names[mark[1], mark[2]], edit.text)
        return Edit(edit.start, edit.end, edit.rank, text)


def spell(module: Module, edits: Iterable[Edit], targets: dict[str, Target], gone: set[str]) -> Spelling:
    """Choose names for everything that edits need.

    Args:
        module: The file.
        edits: What is planned.
        targets: Spaces by what marks call them.
        gone: Names that are removed from the file, and so can be used again.
    """
    wanted: dict[str, set[str]] = {}
    for edit in edits:
        for mark in MARK.finditer(edit.text):
            wanted.setdefault(mark[1], set()).add(mark[2])
    taken = module.names - gone
    spelling = Spelling()
    for source in sorted(wanted, key=lambda one: (one.startswith("package "), one)):
        if source.startswith("package "):
            _package(spelling, source, targets[source.removeprefix("package ")], wanted[source], taken)
        elif source == "tempfile":
            _tempfile(module, spelling, taken)
        else:
            _library(module, spelling, source, wanted[source], taken)
    return spelling


def _package(spelling: Spelling, source: str, target: Target, names: set[str], taken: set[str]) -> None:
    """Import its names if they are free, otherwise the package."""
    if not names & taken:
        taken |= names
        spelling.names.update({(source, name): name for name in names})
        spelling.lines.append(f"from {target.module} import {', '.join(sorted(names, key=_order))}")
        return
    above, _, last = target.module.rpartition(".")
    local, number = last, 1
    while local in taken:
        number += 1
        local = f"{last}_{number}" if number > 2 else f"{last}_space"
    taken.add(local)
    alias = "" if local == last else f" as {local}"
    spelling.lines.append(f"from {above} import {last}{alias}" if above else f"import {last}{alias}")
    spelling.names.update({(source, name): f"{local}.{name}" for name in names})


def _tempfile(module: Module, spelling: Spelling, taken: set[str]) -> None:
    local = _imported_as(module, "tempfile")
    if local is None:
        local = "tempfile" if "tempfile" not in taken else "tempfile_"
        spelling.lines.insert(0, "import tempfile" + ("" if local == "tempfile" else f" as {local}"))
    spelling.names["tempfile", "tempfile"] = local


def _library(module: Module, spelling: Spelling, source: str, names: set[str], taken: set[str]) -> None:
    new = []
    for name in sorted(names, key=_order):
        local = _imported_as(module, f"{source}.{name}")
        if local is None:
            local = name if name not in taken else f"{name}_"
            new.append(name if local == name else f"{name} as {local}")
            taken.add(local)
        spelling.names[source, name] = local
    if new:
        spelling.lines.append(f"from {source} import {', '.join(new)}")


def _imported_as(module: Module, dotted: str) -> str | None:
    """Return the name under which a module has already imported something at its top."""
    scope = module.scope(module.tree)
    if scope is None:
        return None
    for assignment in scope.assignments:
        if isinstance(assignment, ImportAssignment) and len(list(scope[assignment.name])) == 1:
            names = {one.name for one in assignment.get_qualified_names_for(assignment.name)}
            if dotted in names and module.parent(module.parent(assignment.node) or module.tree) is module.tree:
                return assignment.name
    return None


def _order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@dataclass(slots=True)
class OldImport:
    """One import statement of gradio_client.

    Attributes:
        node: The statement.
        touched: Whether it loses a name that was used.
        kept: Names in it that something still needs, as they are spelled in it.
        dropped: Names that nothing needs any more.
    """

    node: cst.Import | cst.ImportFrom
    touched: bool = False
    kept: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def old_imports(module: Module, consumed: set[cst.CSTNode]) -> list[OldImport]:
    """Return every import of gradio_client from which a name is removed, and its names that are still needed."""
    found = [_split(module, node, names, consumed) for node, names in _of_gradio(module)]
    return [old for old in found if old.touched]


def _of_gradio(module: Module) -> Iterator[tuple[cst.Import | cst.ImportFrom, Sequence[cst.ImportAlias]]]:
    for node in module.walk(module.tree):
        if isinstance(node, cst.ImportFrom) and node.module is not None and not node.relative:
            if module.code(node.module).split(".")[0] == "gradio_client":
                yield node, (() if isinstance(node.names, cst.ImportStar) else node.names)
        elif isinstance(node, cst.Import) and any(_root(one) == "gradio_client" for one in node.names):
            yield node, node.names


def local_names(module: Module) -> set[str]:
    """Return what the file calls the things that it imports from gradio_client."""
    return {_local(alias) for _, aliases in _of_gradio(module) for alias in aliases}


def uses_of_gradio(module: Module, names: Collection[str]) -> Iterator[cst.CSTNode]:
    """Yield every use of some names of gradio_client: `Job`, `gradio_client.client.Job`."""
    for node, aliases in _of_gradio(module):
        for alias in aliases:
            if alias.evaluated_name.rpartition(".")[2] in names:
                yield from references_of(module, node, alias)
    for name in names:
        for one in module.attributes.get(name, ()):
            if (module.imported(one) or "").startswith("gradio_client."):
                yield one


def dropped_names(module: Module, olds: Iterable[OldImport], removed: Iterable[cst.CSTNode]) -> set[str]:
    """Return the names of a module that are gone: imports at its top, and what held a Client there."""
    names = {text.split()[-1] for old in olds for text in old.dropped}
    for one in removed:
        if isinstance(one, cst.Assign) and isinstance(one.targets[0].target, cst.Name):
            names.add(one.targets[0].target.value)
    return {name for name in names if name.isidentifier()}


def freed_names(
    module: Module, removed: list[cst.CSTNode], olds: list[OldImport], consumed: set[cst.CSTNode]
) -> set[str]:
    """Return names that are free again: nothing else of the file is called the same."""
    names = dropped_names(module, olds, removed)
    inside = {one for node in (*removed, *(old.node for old in olds)) for one in module.walk(node)}
    rest = {
        one.value
        for one in module.walk(module.tree)
        if isinstance(one, cst.Name) and one not in inside and one not in consumed
    }
    return names - rest


def still_imported(module: Module, consumed: set[cst.CSTNode], left: Sequence[cst.CSTNode]) -> Iterator[Use]:
    """Yield imports of gradio_client that stay for other reasons than the places in `left`."""
    explained = {one for node in left for one in module.walk(node)} | consumed
    for node, names in _of_gradio(module):
        use = Use(line=module.line(node), kind="import", code=module.code(node).splitlines()[0][:120])
        uses = {_local(alias): set(references_of(module, node, alias)) for alias in names}
        for name, places in uses.items():
            rest = [one for one in places - explained if not (left and _is_companion(module, one))]
            if rest:
                line = min(module.line(one) for one in rest)
                use.reasons.append(f"{name} is used in line {line} for something else than calls")
        if not any(uses.values()) and not left and not consumed:
            use.reasons.append("nothing found here uses it")
        if use.reasons:
            yield use


def _is_companion(module: Module, node: cst.CSTNode) -> bool:
    """Tell whether a name stands in an annotation or an `except`, as it does beside calls that are left."""
    inner = node
    for outer in module.above(node):
        if isinstance(outer, cst.Annotation) or (isinstance(outer, cst.ExceptHandler) and outer.type is inner):
            return True
        inner = outer
    return False


def _local(alias: cst.ImportAlias) -> str:
    return str(alias.evaluated_alias or alias.evaluated_name)


def _root(alias: cst.ImportAlias) -> str:
    return alias.evaluated_name.split(".")[0]


def _split(
    module: Module, node: cst.Import | cst.ImportFrom, names: Iterable[cst.ImportAlias], consumed: set[cst.CSTNode]
) -> OldImport:
    old = OldImport(node)
    for alias in names:
        text = module.tree.code_for_node(alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)).strip()
        ours = isinstance(node, cst.ImportFrom) or _root(alias) == "gradio_client"
        references = set(references_of(module, node, alias))
        unused = ours and references <= consumed
        old.touched |= unused and bool(references)
        (old.dropped if unused else old.kept).append(text)
    return old


def references_of(
    module: Module, node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias
) -> Iterator[cst.CSTNode]:
    """Yield every use of a name that an import statement brings; `import a.b` brings `a` and `a.b`."""
    scope = module.scope(node)
    locals_ = {_local(alias)}
    if isinstance(node, cst.Import) and alias.asname is None:
        locals_.add(_root(alias))
    for meaning in [one for name in locals_ for one in (scope[name] if scope is not None else ())]:
        if isinstance(meaning, ImportAssignment) and meaning.node is node:
            yield from (access.node for access in meaning.references)


def new_statement(old: OldImport, module: Module) -> str:
    """Return the rest of an import statement; empty if nothing is left."""
    if not old.kept:
        return ""
    names = ", ".join(old.kept)
    if isinstance(old.node, cst.ImportFrom) and old.node.module is not None:
        return f"from {module.code(old.node.module)} import {names}"
    return f"import {names}"


def place_of_new(module: Module) -> tuple[int, bool]:
    """Return where new imports go: after the first imports of the module, else after its docstring."""
    place, behind = 0, False
    for statement in module.tree.body:
        line = list(statement.body) if isinstance(statement, cst.SimpleStatementLine) else []
        if line and all(isinstance(small, (cst.Import, cst.ImportFrom)) for small in line):
            place, behind = module.line_end(module.span(statement)[1]), True
        elif behind or len(line) != 1 or not is_text(line[0]):
            break
        else:
            place = module.line_end(module.span(statement)[1])
    return place, behind


def insert_new(module: Module, lines: list[str]) -> list[Edit]:
    """Return the edit that adds import statements."""
    if not lines:
        return []
    place, behind = place_of_new(module)
    text = module.newline.join(lines)
    if place:
        before = module.newline if behind else module.newline * 2
        return [Edit(place, place, LINE, f"{before}{text}")]
    header = _after_comments(module)
    blank = 3 if re.compile(r"\s*(?:def |class |@|async )").match(module.text, header) else 2
    return [Edit(header, header, LINE, f"{text}{module.newline * blank}")]


def _after_comments(module: Module) -> int:
    """Return where code may start: after the comments at the top (encoding, `#!`, licence)."""
    place = 0
    while module.text.startswith("#", place):
        end = module.line_end(place)
        place = end + len(module.newline) if end < len(module.text) else end
    return place
