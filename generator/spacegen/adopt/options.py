"""The options of a Client, as the package takes them: for all its calls, or for one."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import BuiltinScope, GlobalScope

from spacegen.adopt.clients import Made
from spacegen.adopt.module import Module
from spacegen.adopt.target import Target

_FOR_CALLS = ("token", "auth", "headers", "oauth_token")
_OF_NO_USE = frozenset({"verbose", "max_workers", "analytics_enabled", "upload_files"})
_READS = frozenset({"os.getenv", "os.environ.get"})
_NOTED = {
    "max_workers": "calls do not run in a pool of threads; `map` and `amap` have the option `concurrency`",
}


@dataclass(slots=True)
class Options:
    """The options of one Client, translated for the package.

    Attributes:
        configure: Arguments of `space.configure(...)` where the Client is made.
        each: Arguments of `with_options(...)` at each call.
        moves: Whether `each` names the Space.
        reason: Why its calls cannot be moved, or None.
        notes: What is different afterwards.
    """

    configure: str = ""
    each: str = ""
    moves: bool = False
    names: list[cst.Name] = field(default_factory=list)
    reason: str | None = None
    notes: list[str] = field(default_factory=list)


def plan_options(module: Module, made: Made, target: Target) -> Options:
    """Plan the options of a Client.

    Args:
        module: The file.
        made: The Client.
        target: Its Space.
    """
    plan = Options()
    values, connection = _read(module, made, plan)
    if plan.reason is not None:
        return plan
    source = _source(module, made, target)
    plan.names = _names(module, made)
    outer = module.parent(made.node)
    held = isinstance(outer, (cst.Assign, cst.AnnAssign, cst.Expr))
    if held and target.alone and not made.duplicate and all(_is_global(module, name) for name in plan.names):
        plan.configure = ", ".join([*source, *values, *connection])
    elif connection:
        plan.reason = f"{connection[0]} holds for a whole package, and other Clients call the same Space"
    elif source and not _is_still_the_same(module, made):
        plan.reason = f"{source[0]} may have another value when a call is made; assign it to a variable of its own"
    else:
        plan.moves = bool(source)
        plan.each = ", ".join([*(f"source={code}" for code in source), *values])
    return plan


def _names(module: Module, made: Made) -> list[cst.Name]:
    """Return the variables in a Client's options, and in what names its Space."""
    kept = [value for name, value in made.options.items() if name not in _OF_NO_USE]
    nodes = [one for value in (*kept, *([made.source] if made.source else [])) for one in module.walk(value)]
    return [one for one in nodes if isinstance(one, cst.Name) and not _is_attribute(module, one)]


def _is_still_the_same(module: Module, made: Made) -> bool:
    """Return whether the expression for the Space keeps its value: no calls, and no name assigned twice."""
    for one in module.walk(made.source) if made.source is not None else ():
        if isinstance(one, (cst.Call, cst.Await)) and module.imported(getattr(one, "func", one)) not in _READS:
            return False
        if isinstance(one, cst.Name) and not _is_attribute(module, one) and len(module.meanings(one)) != 1:
            return False
    return True


def _is_global(module: Module, name: cst.Name) -> bool:
    scopes = {type(meaning.scope) for meaning in module.meanings(name)}
    return bool(scopes) and scopes <= {GlobalScope, BuiltinScope}


def visible(module: Module, names: list[cst.Name], made: Made, place: cst.CSTNode) -> bool:
    """Return whether names mean the same at a call as where the Client is created."""
    if module.function(place) is module.function(made.node):
        return True
    for name in names:
        if name.value in ("self", "cls"):
            if module.class_of(place) is not module.class_of(made.node):
                return False
            continue
        scopes = {meaning.scope for meaning in module.meanings(name)}
        if not scopes or not all(isinstance(scope, (GlobalScope, BuiltinScope)) for scope in scopes):
            return False
        scope = module.scope(place)
        if scope is None or {meaning.scope for meaning in scope[name.value]} != scopes:
            return False
    return True


def _read(module: Module, made: Made, plan: Options) -> tuple[list[str], list[str]]:
    values, connection = [], []
    if made.strange:
        plan.reason = made.strange
    for name, value in made.options.items():
        code = module.code(value)
        if name in _OF_NO_USE or code == "None":
            plan.notes += [_NOTED[name]] if name in _NOTED else []
        elif name in _FOR_CALLS:
            values.append(f"{name}={code}")
        elif name == "ssl_verify":
            connection.append(f'client_options={{"verify": {code}}}')
        elif name == "httpx_kwargs" and _is_timeout(value):
            plan.notes.append("a Space may compute for any time; `timeout=` limits the whole call")
        elif name == "download_files" and code != "True":
            plan.reason = (
                f"{name}={code} names a folder for results; the package saves a file when you call `save(...)`"
            )
        elif name != "download_files":
            plan.reason = f"the package has no option {name}"
    return values, connection


def _is_timeout(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Dict) and all(
        isinstance(one, cst.DictElement)
        and isinstance(one.key, cst.SimpleString)
        and one.key.evaluated_value == "timeout"
        for one in value.elements
    )


def _source(module: Module, made: Made, target: Target) -> list[str]:
    """Set where the package's calls go, if that is known only at run time."""
    if made.source is None:
        return []
    if made.known is None or made.known.unless or target.moved:
        return [module.code(made.source)]
    return []


def _is_attribute(module: Module, name: cst.Name) -> bool:
    outer = module.parent(name)
    return isinstance(outer, (cst.Attribute, cst.Arg)) and (
        getattr(outer, "attr", None) is name or getattr(outer, "keyword", None) is name
    )
