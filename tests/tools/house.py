"""Draws the house: floors and circles of imports, and how large modules and functions are.

    python tests/tools/house.py

A room is a folder, or a module beside the folders; a floor is a room that imports the next one down. The longest
way down is printed for rooms, for modules, and for the modules that are imported when one is loaded, which leaves
out late imports and those for type checkers. Sizes are lines of code without docstrings, comments and empty lines.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import grimp

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"spacegen": ROOT / "generator" / "spacegen", "spacegen_runtime": ROOT / "runtime" / "spacegen_runtime"}


def imports_of(package: str) -> dict[str, set[str]]:
    """Return what each module of a package imports of it, late imports and those for types included."""
    graph = grimp.build_graph(package, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in sorted(graph.modules)}


def rooms(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return what each folder, or module beside the folders, imports of the others."""
    found: dict[str, set[str]] = {}
    for module, names in imports.items():
        room = room_of(module)
        found.setdefault(room, set()).update(name for name in map(room_of, names) if name != room)
    return found


def room_of(module: str) -> str:
    """Return the room that a module lies in; the package's own module is a room as well."""
    return ".".join(module.split(".")[:2])


def loaded(package: str, folder: Path) -> dict[str, set[str]]:
    """Return what of its package each module imports when it is loaded."""
    paths = {module_name(package, path.relative_to(folder)): path for path in sorted(folder.rglob("*.py"))}
    found: dict[str, set[str]] = {}
    for module, path in paths.items():
        home = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
        found[module] = set()
        for node in at_load(ast.parse(path.read_text(encoding="utf-8"))):
            above = home[: len(home) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{source}.{alias.name}" for alias in node.names}
            found[module] |= (inner & set(paths)) or ({source} & set(paths))
    return {module: names - {module} for module, names in found.items()}


def module_name(package: str, path: Path) -> str:
    """Return the dotted name of a file of a package."""
    return ".".join([package, *path.with_suffix("").parts]).removesuffix(".__init__")


def at_load(node: ast.AST) -> Iterator[ast.ImportFrom]:
    """Yield the imports that run with the module, so none in functions or for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ImportFrom):
            yield child
        late = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        late |= isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"
        if not late:
            yield from at_load(child)


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules of which each imports, by way of others, itself."""
    reached: dict[str, set[str]] = {}
    for module in imports:
        seen: set[str] = set()
        left = [*imports[module]]
        while left:
            one = left.pop()
            if one not in seen:
                seen.add(one)
                left.extend(imports[one])
        reached[module] = seen
    groups = {frozenset(b for b in reached[a] if a in reached[b]) for a in imports if a in reached[a]}
    return sorted(sorted(group) for group in groups)


def longest_way(imports: dict[str, set[str]]) -> list[str]:
    """Return the longest way down, one module a floor; there must be no circle."""

    @cache
    def way(module: str) -> tuple[str, ...]:
        below: list[tuple[str, ...]] = [way(one) for one in sorted(imports[module])]
        return (module, *max(below, key=len, default=()))

    return [*max((way(module) for module in imports), key=len)]


def code_lines(source: str) -> set[int]:
    """Return the numbers of the lines that hold code."""
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in quiet:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def functions(source: str) -> Iterator[int]:
    """Yield the size of each function."""
    lines = code_lines(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield len(lines & {*range(node.lineno, (node.end_lineno or node.lineno) + 1)})


def main() -> None:
    """Print what there is to see."""
    for package, folder in PACKAGES.items():
        imports = imports_of(package)
        sources = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))]
        modules = [len(code_lines(source)) for source in sources if source.strip()]
        sizes = [size for source in sources for size in functions(source)]
        print(
            f"{package}: {len(modules)} modules; lines of code: median {median(modules):.0f}, most {max(modules)}"
        )
        print(f"  functions: median {median(sizes):.0f}, most {max(sizes)}")
        found = circles(imports)
        print(f"  circles: {len(found)}")
        for circle in found:
            print(f"    {' '.join(circle)}")
        if not found:
            drawn = {
                "floors": rooms(imports),
                "floors of modules": imports,
                "floors of modules that load": loaded(package, folder),
            }
            for said, ways in drawn.items():
                floors = longest_way(ways)
                print(f"  {said}: {len(floors)}")
                print("    " + "\n    ".join(floors))


if __name__ == "__main__":
    main()
