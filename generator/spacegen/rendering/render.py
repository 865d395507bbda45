"""IR -> the text of a package's files, through the templates of `spacegen_templates`.

Everything a template prints was decided here: names from `naming`, annotations from `annotations`, and literals
and docstrings that no text can break out of. Templates loop and print.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from spacegen import ir
from spacegen.quoting import literal, quoted
from spacegen.rendering.annotations import MODELS, Annotation, parameter_type, result_type, returned_type
from spacegen.rendering.container_places import container_places
from spacegen.rendering.docstrings import endpoint_docstring
from spacegen.rendering.example import first_call
from spacegen.rendering.file_places import file_places
from spacegen.rendering.format import LINE_LENGTH
from spacegen.rendering.models import models_source
from spacegen.rendering.signature import default_source, positional
from spacegen.text import plain

if TYPE_CHECKING:
    import jinja2  # imported late: it takes a tenth of a second

_TYPING = ("Annotated", "Any", "Literal", "NamedTuple")
_ABSTRACT = ("Mapping", "Sequence")
_PYDANTIC = ("Field",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One `from module import names` statement."""

    module: str
    names: tuple[str, ...]
    indent: int = 0

    @property
    def long(self) -> bool:
        """Whether each name needs its own line, in black's style."""
        return self.indent + len(f"from {self.module} import {', '.join(self.names)}") > LINE_LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One endpoint as a template prints it."""

    name: str
    key: str
    signature: tuple[str, ...]
    returns: str
    docstring: str
    call: tuple[str, ...]
    data: tuple[str, ...]
    head: str
    data_line: str
    returned: str
    twin_of: str | None
    result: str | None
    fields: tuple[str, ...]


def render(space: ir.Space, runtime: str = "spacegen_runtime") -> dict[str, str]:
    """Return each file's name and source; `runtime` is the module that the package imports."""
    models = models_source(space.models)
    by_name = {str(model.name): model for model in space.models}
    names = frozenset[str]().union(*(annotation.names for annotation in _annotations(space)))
    arguments, reexports = _space_arguments(space), _reexports(space)
    exports = sorted(name for line in reexports if line for name in line.names)
    context = {
        "functions": tuple(_function(endpoint, by_name) for endpoint in space.endpoints),
        "models": models,
        "arguments": arguments,
        "space_line": _fitting(f"space = Space({', '.join(arguments)})"),
        "module_docstring": quoted(_title(space), ""),
        "package_docstring": quoted(_package_text(space), ""),
        "imports": _endpoint_imports(space, names, runtime),
        "model_imports": _model_imports(models, runtime),
        "runtime": runtime,
        "endpoints": reexports[0],
        "model_names": reexports[1],
        "exports": exports,
        "all_line": _fitting(f"__all__ = [{', '.join(map(literal, exports))}]"),
    }
    templates = ["__init__.py", "endpoints.py", *(["models.py"] if models else [])]
    return {name: _environment().get_template(f"{name}.jinja").render(context) for name in templates}


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("spacegen_templates", ""),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 (Python is written here; literals and docstrings are escaped in `quoting`)
    )


def _function(endpoint: ir.Endpoint, models: dict[str, ir.Model]) -> Function:
    several = endpoint.result is not None
    key = literal(endpoint.key)
    signature = tuple(_signature(endpoint.parameters))
    returns = returned_type(endpoint).source
    data = tuple(f"{literal(p.name)}: {p.argument}" for p in endpoint.parameters if not p.of_event)
    call = tuple(_keywords(endpoint, models))
    sent = f"{{{', '.join(data)}}}"
    return Function(
        name=endpoint.function,
        key=key,
        signature=signature,
        returns=returns,
        docstring=quoted(endpoint_docstring(endpoint), "    "),
        data=data,
        call=call,
        head=_fitting(f"def {endpoint.function}({', '.join(signature)}) -> Call[{returns}]:"),
        data_line=_fitting(sent, indent=8, after=","),
        returned=_fitting(f"return space.call({', '.join((key, sent, *call))})", indent=4),
        twin_of=endpoint.twin_of,
        result=None if endpoint.twin_of else endpoint.result,
        fields=tuple(f"{o.field}: {result_type(o.type).source}" for o in endpoint.outputs) if several else (),
    )


def _fitting(line: str, *, indent: int = 0, after: str = "") -> str:
    """Return the text if it fits on one line, else an empty text: then each argument gets its own line."""
    return line if indent + len(line) + len(after) <= LINE_LENGTH else ""


def _signature(parameters: tuple[ir.Parameter, ...]) -> Iterable[str]:
    by_position = positional(parameters)
    for position, parameter in enumerate(parameters):
        if position == by_position:
            yield "*"
        default = default_source(parameter)
        annotated = f"{parameter.argument}: {parameter_type(parameter.type).source}"
        yield annotated if default is None else f"{annotated} = {default}"


def _keywords(endpoint: ir.Endpoint, models: dict[str, ir.Model]) -> Iterable[str]:
    files = file_places(endpoint.parameters, models)
    lists, objects = container_places(endpoint.parameters)
    facts: dict[str, Any] = {
        "files": files,
        "lists": lists,
        "objects": objects,
        "hidden_inputs": endpoint.hidden_inputs,
        "hidden_outputs": endpoint.hidden_outputs,
        "stateful": endpoint.stateful,
        "oauth": endpoint.oauth,
    }
    yield from (f"{name}={literal(value)}" for name, value in facts.items() if value)
    if not endpoint.queued:
        yield "queued=False"
    yield from (f"event_data={parameter.argument}" for parameter in endpoint.parameters if parameter.of_event)


def _annotations(space: ir.Space) -> Iterable[Annotation]:
    for endpoint in space.endpoints:
        yield from (parameter_type(parameter.type) for parameter in endpoint.parameters)
        if endpoint.result is None:
            yield returned_type(endpoint)
        else:
            yield from (result_type(output.type) for output in endpoint.outputs)


def _endpoint_imports(space: ir.Space, names: frozenset[str], runtime: str) -> list[list[Import]]:
    several = any(endpoint.result for endpoint in space.endpoints)
    published = any(isinstance(p.default, ir.Published) for e in space.endpoints for p in e.parameters)
    needed = names | ({"NamedTuple"} if several else set())
    ours = {"Call", "Space", "endpoint"} if space.endpoints else {"Space"}
    ours |= {"PUBLISHED"} if published else set()
    ours |= names & {"FileData", "FileInput", "FrameInput"}
    return _imports(
        ("collections.abc", needed & set(_ABSTRACT)),
        ("typing", needed & set(_TYPING)),
        (runtime, ours),
        (".", names & {MODELS}),
    )


def _model_imports(source: str, runtime: str) -> list[list[Import]]:
    import ast

    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return _imports(
        ("typing", names & set(_TYPING)),
        ("pydantic", names & set(_PYDANTIC)),
        (runtime, names & {"FileData", "Model"}),
    )


def _imports(*wanted: tuple[str, set[str] | frozenset[str]]) -> list[list[Import]]:
    # Constants first, then classes, then functions: the order that isort and ruff keep.
    def order(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)

    lines = [Import(module=module, names=tuple(sorted(names, key=order))) for module, names in wanted if names]
    return [list(group) for _, group in itertools.groupby(lines, key=lambda line: _origin(line.module))]


def _origin(module: str) -> int:
    return 0 if module in ("collections.abc", "typing") else 2 if module.startswith(".") else 1


def _reexports(space: ir.Space) -> tuple[Import, Import | None]:
    functions = [str(endpoint.function) for endpoint in space.endpoints]
    results = {str(endpoint.result) for endpoint in space.endpoints if endpoint.result}
    models = tuple(sorted(str(model.name) for model in space.models))
    endpoints = Import(module=".endpoints", names=tuple(sorted([*functions, *results, "space"])))
    return endpoints, Import(module=f".{MODELS}", names=models, indent=4) if models else None


def _space_arguments(space: ir.Space) -> tuple[str, ...]:
    facts = {"url": space.url, "prefix": space.prefix, "protocol": space.protocol}
    return (
        literal(space.id),
        *(f"{name}={literal(value)}" for name, value in facts.items()),
        "package=__package__",
    )


def _title(space: ir.Space) -> str:
    return f"The endpoints of {plain(space.id, 200)}, one function each."


def _package_text(space: ir.Space) -> str:
    said = plain(space.id, 200)
    lines = [space.title or said, "", f"Written from {said} (Gradio {space.gradio})."]
    example = first_call(space)
    if example:
        lines += ["", "Example:", f"    {example[0]}", "", f"    {example[1]}"]
    return "\n".join(lines)
