"""What a hostile Space's names, titles and defaults mean once its package is imported and called: never code.

`HYPOTHESIS_PROFILE=long` tries 20,000 documents. Each package is imported and its functions are called under an
audit hook, which Python tells of whatever is compiled, opened, connected or started.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import CodeType, ModuleType
from typing import Any, get_type_hints

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from spacegen.errors import DocumentError
from spacegen.fetching.documents import Documents, Fetched, Provenance
from spacegen.ir.space import Space
from spacegen.packages import build as package_build
from spacegen.packages.build import build
from spacegen.pipeline import chosen_name
from spacegen.reading.parse import parse
from spacegen.rendering import models
from spacegen_runtime import Endpoint, Model, SpaceError, values
from spacegen_runtime.calls.function import promised
from spacegen_runtime.values import decode, published
from support.documents import documents, endpoint, value
from support.drawn import DICE

BATCHES, BATCH = (100, 200) if DICE else (1, 40)

CODE = "__import__('os').system('exit 1')"
# fmt: off
NAMES = (
    "Any", "str", "int", "float", "bool", "list", "dict", "tuple", "None", "Literal",
    "Annotated", "Field", "FileData", "FileInput", "Model", "NamedTuple", "Mapping", "Sequence",
    "Call", "Space", "PUBLISHED", "endpoint", "space", "id", "Picture", "TwoResult",
    "PredictResult", "model_config", "model_fields", "copy", "json", "count", "index",
    "_fields", "class", "lambda", "__class__", "__annotations__", "__all__", "__name__",
    "__module__", "__slots__", "__debug__", "self", "cls", "type", "max", "annotations",
    "endpoints", "models", "x", "two", "predict", "日本", "चित्र", "ภาพ", "படம்", "చిత్రం", "ছবি",
    "תְּמוּנָה", "col·leccio", "🖼", "ｶﾅ", "ﬁle", "µ", "ΐ", "ŉ", "ß", "_", "", "3d", "a b",
    "\ud800", "M0", "f0", "v0", "e\u0301", "\u0301", "ª", "x_", "class_",
)
# fmt: on
TEXTS = (
    CODE,
    f"f'{{{CODE}}}'",
    f'"""\n{CODE}\n"""',
    f"\\N{{DIGIT ONE}}{CODE}",
    f"list[{CODE}]",
    "x",
    "v0",
    "\ud800",
    "",
)


class Names:
    """Makes documents whose words are the names that a module uses, spelled in several ways."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def documents(self) -> Documents:
        return documents(*[self._endpoint() for _ in self._some(1, 3)], title=self._name())

    def _endpoint(self) -> Any:
        inputs = [value(self._name() or "x", self._schema(), **self._more()) for _ in self._some(0, 3)]
        outputs = [value("", self._schema(), label=self._name()) for _ in self._some(0, 3)]
        return endpoint(self._name(), inputs, outputs, said={"description": self._text()})

    def _more(self) -> Any:
        return self._random.choice([{}, {"default": self._text()}, {"label": self._name()}])

    def _schema(self, depth: int = 0) -> Any:
        match self._random.randrange(3 if depth > 2 else 7):
            case 0:
                return {
                    "type": self._random.choice(
                        ["string", "number", "integer", "boolean", "null", "filepath", "?"]
                    )
                }
            case 1 | 2:
                texts = [self._text() for _ in self._some(1, 2)]
                return {"enum": texts, **({"default": texts[0]} if self._random.randrange(2) else {})}
            case 3:
                return {"type": "array", "items": self._schema(depth + 1)}
            case _:
                fields = {self._name() or "x": self._schema(depth + 1) for _ in self._some(1, 4)}
                required = [name for name in fields if self._random.randrange(2)]
                return {"type": "object", "title": self._name(), "properties": fields, "required": required}

    def _name(self) -> str:
        name = self._random.choice(NAMES)
        match self._random.randrange(6):
            case 0:
                return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in name)
            case 1:
                return "".join(
                    chr(0x1D44E + ord(one) - 97) if "a" <= one <= "z" and one != "h" else one for one in name
                )
            case 2:
                return unicodedata.normalize("NFD", name) if name != "\ud800" else name
            case _:
                return name

    def _text(self) -> str:
        return self._random.choice((*TEXTS, self._name()))

    def _some(self, least: int, most: int) -> range:
        return range(self._random.randint(least, most))


def as_text(source: object) -> str:
    return source.decode() if isinstance(source, bytes) else str(source)


class Watch:
    """What Python reports of this thread, while it is asked to."""

    def __init__(self) -> None:
        self._thread: int | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hook)  # there is no way to take a hook away again

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._thread != threading.get_ident():
            return
        if event == "compile":
            self.seen.append(f"compile {as_text(arguments[0])}")
        elif event.startswith(
            ("socket.connect", "socket.getaddrinfo", "os.system", "os.exec", "subprocess.", "os.posix")
        ) or (event == "open" and not str(arguments[0]).endswith((".py", ".pyc", "spacegen.json"))):
            self.seen.append(f"{event} {arguments!r}"[:200])

    @contextmanager
    def ing(self) -> Iterator[list[str]]:
        self.seen = []
        self._thread = threading.get_ident()
        try:
            yield self.seen
        finally:
            self._thread = None


def answer(_: httpx.Request) -> httpx.Response:
    return httpx.Response(404)


def compiled(package: str, files: dict[str, str]) -> dict[str, CodeType]:
    """Compile the modules of a package, in the order in which they import each other."""
    modules = {"models.py": f"{package}.models", "endpoints.py": f"{package}.endpoints", "__init__.py": package}
    return {module: compile(files[file], file, "exec") for file, module in modules.items() if file in files}


@contextmanager
def imported(package: str, codes: dict[str, CodeType], manifest: str) -> Iterator[ModuleType]:
    """Import a package without a folder."""
    modules = {name: ModuleType(name) for name in (package, *codes)}
    for name, module in modules.items():
        module.__package__ = package
        if name == package:
            module.__path__ = []
    sys.modules.update(modules)
    known = json.loads(manifest)
    try:
        for name, code in codes.items():
            exec(code, vars(modules[name]))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(published, "load", lambda _: known)
            yield modules[package]
    finally:
        for name in modules:
            del sys.modules[name]
        promised.cache_clear()
        decode._decoders.clear()


def exported(package: ModuleType) -> dict[str, Any]:
    """Return all that a package offers; its models are loaded by that."""
    return {name: getattr(package, name) for name in package.__all__}


def use(package: ModuleType) -> None:
    """Look at everything in a package, and call all of its functions against a Space that is not there."""
    package.space.configure(base_url="http://127.0.0.1:9", retries=0)
    package.space.configure(client_options={"transport": httpx.MockTransport(answer)})
    for one in exported(package).values():
        if isinstance(one, Endpoint):
            parameters = inspect.signature(one).parameters
            get_type_hints(one)
            decode.decoder_for(promised(one.__wrapped__))
            with pytest.raises(SpaceError):
                one(**{name: None for name, p in parameters.items() if p.default is p.empty})
        elif isinstance(one, type) and issubclass(one, Model):
            one.model_rebuild()
            get_type_hints(one)


def needed(files: dict[str, str]) -> set[str]:
    """Return what may be compiled: annotations, and the constructor of each class with several results."""
    texts: set[str] = set()
    for node in ast.walk(
        ast.parse("\n".join(f for name, f in files.items() if name in ("models.py", "endpoints.py")))
    ):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            texts.add(ast.unparse(node.annotation))
        elif isinstance(node, ast.FunctionDef) and node.returns:
            returns = ast.unparse(node.returns)
            texts |= {returns, returns[5:-1]}
        elif isinstance(node, ast.ClassDef):
            fields = "".join(f"{ast.unparse(one.target)}, " for one in node.body if isinstance(one, ast.AnnAssign))
            texts.add(f"lambda _cls, {fields}: _tuple_new(_cls, ({fields}))")
            texts.add(f"lambda _cls, {fields[:-2]}: _tuple_new(_cls, ({fields[:-2]}))")
    return texts


@pytest.fixture(scope="module")
def watch(_unformatted: None) -> Watch:
    """A watch, after everything is loaded that a first call loads."""
    schema = {"type": "object", "title": "M", "properties": {"f": {"type": "filepath"}, "e": {"enum": ["a"]}}}
    files = written(documents(endpoint("run", [value("x", schema)], [value("", schema), value("b", schema)])))[1]
    for module in pkgutil.iter_modules(values.__path__, "spacegen_runtime.values."):
        importlib.import_module(module.name)  # some load with their first use, and are compiled then
    with imported("warm", compiled("warm", files), files["spacegen.json"]) as package:
        use(package)
    return Watch()


@pytest.fixture(scope="module", autouse=True)
def _unformatted() -> Iterator[None]:
    """The formatter takes most of the time, and changes no meaning; so does what is generated twice."""
    known: dict[str, ast.AnnAssign] = {}
    generate = models._written

    def written(shapes: list[str]) -> list[ast.AnnAssign]:
        new = [shape for shape in shapes if shape not in known]
        known.update(zip(new, generate(new) if new else (), strict=True))
        return [known[shape] for shape in shapes]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package_build, "format_source", str)
        patch.setattr(models, "_written", written)
        yield


def written(given: Documents) -> tuple[Space, dict[str, str]]:
    fetched = Fetched(documents=given, provenance=Provenance(source="someone/app"))
    space, _ = parse(fetched, chosen_name(fetched, None))
    return space, build(space, source="someone/app", options={})


def test_the_watch_sees_what_it_should(watch: Watch) -> None:
    with watch.ing() as seen:
        eval("1 + 1")
        with pytest.raises(OSError, match="nothing"):
            Path(__file__).with_suffix(".nothing").open()
    assert [one.split()[0] for one in seen] == ["compile", "open"]


@pytest.mark.parametrize("batch", range(BATCHES))
@settings(
    max_examples=BATCH,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes, and tells little of names
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(seed=st.integers(0, 2**64))
def test_names_mean_what_they_meant(batch: int, watch: Watch, seed: int) -> None:
    try:
        space, files = written(Names(Random(seed)).documents())
    except DocumentError:  # none of its endpoints can be called
        return
    codes = compiled(space.package, files)
    keys = {model.name: {field.name: field.key for field in model.fields} for model in space.models}
    with watch.ing() as seen, imported(space.package, codes, files["spacegen.json"]) as package:
        use(package)
        classes = {
            name: one
            for name, one in exported(package).items()
            if isinstance(one, type) and issubclass(one, Model)
        }
        aliases = {
            name: {field: info.alias or field for field, info in model.model_fields.items()}
            for name, model in classes.items()
        }
    fine = needed(files)
    assert {one for one in seen if one.removeprefix("compile ") not in fine} == set()
    assert aliases == keys
