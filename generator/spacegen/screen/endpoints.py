"""A Space's endpoints for people (a table, or lines without a terminal) and for programs (JSON)."""

from __future__ import annotations

from typing import Any

from spacegen import ir
from spacegen.packages.manifest import known_limits
from spacegen.rendering.annotations import parameter_type, result_type
from spacegen.screen.terminal import console, is_terminal, say, visible

_LONGEST_DEFAULT = 40


def show(space: ir.Space) -> None:
    """Print a Space's endpoints: a table on a terminal, one signature a line elsewhere."""
    where = f", {space.url}" if space.url and space.url != space.id else ""
    say(f"{space.id} (Gradio {space.gradio}{where})", bold=True)
    if not space.endpoints:
        say("It publishes no endpoints that can be called.")
    elif is_terminal():
        _show_table(space)
    else:
        for endpoint in space.endpoints:
            say(signature(endpoint))
            if endpoint.description:
                say(f"    {endpoint.description}")


def as_json(space: ir.Space) -> dict[str, Any]:
    """Return what `spacegen info --json` prints."""
    return {
        "id": space.id,
        "url": space.url,
        "sha": space.sha,
        "title": space.title,
        "gradio": space.gradio,
        "endpoints": [_endpoint(endpoint) for endpoint in space.endpoints],
    }


def signature(endpoint: ir.Endpoint) -> str:
    """Return an endpoint as the first line of a Python function."""
    parameters = ", ".join(_parameter_text(parameter) for parameter in endpoint.parameters)
    returns = _return_texts(endpoint)
    result = returns[0] if len(returns) == 1 else f"({', '.join(returns)})"
    return f"{endpoint.function}({parameters}) -> {result}"


def _show_table(space: ir.Space) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 1, 0), pad_edge=False)
    for heading in ("Endpoint", "Parameters", "Returns"):
        table.add_column(heading, overflow="fold")
    for endpoint in space.endpoints:
        name = Text(visible(endpoint.function), style="bold cyan")
        if str(endpoint.key) != f"/{endpoint.function}":
            name.append(f"\n{visible(str(endpoint.key))}", style="dim")
        if endpoint.description:
            name.append(f"\n{visible(endpoint.description)}", style="not bold italic default")
        # Text, not str: rich reads markup such as [red] in a str, and a Space may write that.
        parameters = "\n".join(visible(_parameter_text(parameter)) for parameter in endpoint.parameters)
        returns = "\n".join(visible(text) for text in _return_texts(endpoint))
        table.add_row(name, Text(parameters), Text(returns))
    console().print(table)


def _parameter_text(parameter: ir.Parameter) -> str:
    text = f"{parameter.argument}: {parameter_type(parameter.type)}"
    match parameter.default:
        case ir.Inlined(value):
            return f"{text} = {value!r}"
        case ir.Published():
            value = parameter.published
            told = repr(tuple(value) if isinstance(value, list) else value)
            return f"{text} = {told if len(told) <= _LONGEST_DEFAULT else '...'}"
        case None:
            return text


def _return_texts(endpoint: ir.Endpoint) -> list[str]:
    """Return one text for each result; a single result needs no name."""
    if len(endpoint.outputs) == 1:
        return [str(result_type(endpoint.outputs[0].type))]
    return [f"{output.field}: {result_type(output.type)}" for output in endpoint.outputs] or ["None"]


def _endpoint(endpoint: ir.Endpoint) -> dict[str, Any]:
    return {
        "endpoint": endpoint.key,
        "function": endpoint.function,
        "description": endpoint.description,
        "streams": endpoint.generator,
        "parameters": [_parameter(parameter) for parameter in endpoint.parameters],
        "returns": [
            {
                "name": output.field,
                "type": str(result_type(output.type)),
                "label": output.label,
                "component": output.component,
            }
            for output in endpoint.outputs
        ],
    }


def _parameter(parameter: ir.Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "argument": parameter.argument,
        "type": str(parameter_type(parameter.type)),
        "required": parameter.default is None,
        **({} if parameter.default is None else {"default": parameter.published}),
        "label": parameter.label,
        "component": parameter.component,
        **known_limits(parameter.limits),
    }
