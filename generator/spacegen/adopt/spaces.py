"""The Spaces that code uses: from existing packages, saved documents, or the network."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from spacegen import ir
from spacegen.adopt.reach import dotted
from spacegen.adopt.taken import is_installed, modules_in
from spacegen.adopt.target import Target
from spacegen.errors import NoSource, SourceForbidden, SpacegenError, TargetError
from spacegen.fetching.documents import Fetched, Provenance
from spacegen.fetching.fetch import fetch
from spacegen.fetching.recorded import record
from spacegen.fetching.source import Address, HubSpace, read_source, spoken
from spacegen.ir.types import PackageName
from spacegen.packages.build import build
from spacegen.packages.find import find_packages
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.read_manifest import load_manifest
from spacegen.packages.write import write_package
from spacegen.pipeline import chosen_name
from spacegen.reading.parse import parse
from spacegen.text import some_of

_SHOWN = 5  # names in one sentence
_LOGIN = (
    "adopt takes no login: write the package with `spacegen {source} --auth USER:PASSWORD` (or --header), and "
    "name its folder: --source {again}. For a private Space, pass --token or set HF_TOKEN."
)


@dataclass(slots=True)
class Spaces:
    """All Spaces of one run, each read once.

    Attributes:
        output: The folder that new packages go into.
        given: Sources by what they stand for: a Space's name as the code has it, or the code that names it.
        token: For private Spaces.
        say: Told what is read.
        modules: Names of modules that code imports, which no package may hide.
        unread: Why a Space could not be read, by name.
    """

    output: Path
    given: Mapping[str, str]
    token: str | None = None
    say: Callable[[str], None] = lambda _: None
    modules: Set[str] = frozenset()
    unread: dict[str, str] = field(default_factory=dict)
    _known: dict[str, Target | None] = field(default_factory=dict)
    _failed: dict[str, SpacegenError] = field(default_factory=dict)
    _there: dict[str, Target] = field(default_factory=dict)
    _met: dict[str, None] = field(default_factory=dict)
    _matched: set[str] = field(default_factory=set)

    def check_given(self) -> None:
        """Look at every given source as far as that needs no network, also at those that no code asks for.

        Raises:
            NoSource: One is no source, or a file that is not there.
        """
        for name, source in self.given.items():
            if not (Path(source) / MANIFEST_NAME).is_file():
                try:
                    read_source(source)
                except SpacegenError as error:
                    raise _not_read(name, source, error) from error

    def meet(self, name: str | None, code: str | None) -> None:
        """Remember a Space that code names, or the code that stands for it."""
        self._met |= dict.fromkeys([one for one in (name or code,) if one])
        self._matched |= {one for one in (self._given_for(name), code) if one is not None and one in self.given}

    def unmatched(self) -> list[str]:
        """Return a sentence for every given name that no code has; none if no code has any Space.

        That is no error: a first run took Clients out of the code, and the same options may serve many files.
        """
        if not self._met:
            return []
        shown = some_of([" ".join(name.split())[:60] for name in self._met], _SHOWN)
        return [
            f"--source {name}={spoken(self.given[name])}: no Client here is of {name}; those here are of {shown}"
            for name in self.given
            if name not in self._matched
        ]

    def look_at_packages(self, paths: Sequence[Path]) -> None:
        """Find the packages that lie beside the code, and in the output folder."""
        for folder in _packages([*paths, self.output]):
            try:
                manifest = load_manifest(folder)
            except SpacegenError:
                continue  # `spacegen check` reports those
            space = manifest.space
            target = Target(
                name=space.id, space=space, module=dotted(folder), folder=folder, source=manifest.source
            )
            for name in {space.id, space.url or space.id, manifest.source}:
                self._there.setdefault(_same(name), target)

    def by_name(self, name: str, code: str | None = None) -> Target | None:
        """Return the Space of a name; None if it cannot be read, and then `unread` says why."""
        for key in (self._given_for(name), code):
            if key is not None and key in self.given:
                return self._once(key, self.given[key], option=key)
        if _same(name) in self._there:
            return self._there[_same(name)]
        try:
            asked = read_source(name)
        except SpacegenError as error:
            self.unread[name] = str(error)
            return None
        if not isinstance(asked, (HubSpace, Address)):  # a file's name in code is not a Space
            self.unread[name] = f"{name!r} is neither a Space nor an address."
            return None
        return self._once(name, name)

    def by_code(self, code: str) -> Target | None:
        """Return the Space that the user gave for an expression whose value is known only at run time.

        Raises:
            NoSource: It cannot be read.
        """
        if code not in self.given:
            return None
        source = self.given[code]
        # Several expressions may stand for one Space, and its package is written once.
        target = self.by_name(source) if _address(source) is not None else self._once(source, source, option=code)
        if target is None:  # it was read as if code named it, but it is the user who did
            raise _not_read(code, source, self._failed[_same(source)])
        return target

    def _given_for(self, name: str | None) -> str | None:
        """Return how the user spelled a name that code has: `Client` takes it in any case."""
        if name is None or name in self.given:
            return name
        return next((one for one in self.given if _same(one) == _same(name)), None)

    def _once(self, name: str, source: str, *, option: str | None = None) -> Target | None:
        key = _same(name)
        if key not in self._known:
            try:
                self._known[key] = self._shared(self._read(name, source, given=option is not None))
            except SpacegenError as error:
                if option is not None:
                    raise _not_read(option, source, error) from error
                self._known[key] = None
                self._failed[key] = error
        if self._known[key] is None:
            self.unread[name] = str(self._failed[key])  # under each spelling that code has
        return self._known[key]

    def _shared(self, target: Target) -> Target:
        """Let Spaces that have one package, under several names, count their Clients together."""
        for one in (*self._there.values(), *self._known.values()):
            if one is not None and one.folder.resolve() == target.folder.resolve():
                target.makers = one.makers
        return target

    def _read(self, name: str, source: str, *, given: bool) -> Target:
        if given and (Path(source) / MANIFEST_NAME).is_file():
            folder = Path(source)
            space = load_manifest(folder).space
            return Target(
                name=name, space=space, module=dotted(folder), folder=folder, moved=_is_elsewhere(space, name)
            )
        named = _address(name) if given else None
        if given and (there := self._written_before(name, source, named)) is not None:
            return there
        self.say(f"reads {spoken(source)}")
        fetched = self._fetch(name, source)
        if named is not None:
            # What is given are the documents of the Space that the code names: that one is to be called.
            fetched = Fetched(documents=fetched.documents, provenance=named, notes=fetched.notes)
        package = chosen_name(fetched, None)
        space, _ = parse(fetched, package)
        package = self._free_name(package, fetched)
        if package != space.package:
            space, _ = parse(fetched, package)
        folder = self.output / package
        return Target(
            name=name,
            space=space,
            module=dotted(folder),
            folder=folder,
            moved=given and named is None,
            fetched=fetched,
            source=source if named is None else name,
        )

    def _fetch(self, name: str, source: str) -> Fetched:
        try:
            return fetch(source, token=self.token)
        except SourceForbidden as error:
            if "--auth" not in (error.hint or ""):  # something else than a login is wanted, such as a token
                raise
            hint = _LOGIN.format(source=spoken(source), again=shlex.quote(f"{name}=FOLDER"))
            raise SourceForbidden(error.message, hint) from error

    def _written_before(self, name: str, source: str, named: Provenance | None) -> Target | None:
        """Return the package that an earlier run wrote for what is given, or None."""
        if named is not None:
            return self._there.get(_same(name))
        same = (one for one in self._there.values() if record(source, "", one.folder) == one.source)
        there = next(same, None)
        return None if there is None else replace(there, name=name, moved=True, wanted=set())

    def _free_name(self, package: PackageName, fetched: Fetched) -> PackageName:
        """Return a name that hides no module: of the code, of this Python, of the other packages."""
        taken = {one.folder.name for one in (*self._there.values(), *self._known.values()) if one is not None}
        modules = self.modules | modules_in(self.output)
        wanted, number = str(package), 1
        while package in taken or package in modules or is_installed(package):
            if package not in taken and number == 1:
                self.say(f"there is a module {package} already; the package gets another name")
            suffix = "space" if number == 1 and wanted not in taken else str(max(number, 2))
            package = chosen_name(fetched, f"{wanted}_{suffix}")
            number += 1
        return package

    def used(self) -> list[Target]:
        """Return every Space that rewritten code imports."""
        targets = [one for one in (*self._there.values(), *self._known.values()) if one is not None and one.wanted]
        return list({id(one): one for one in targets}.values())

    def write(self, target: Target) -> None:
        """Write a package that is not there yet.

        Raises:
            SpacegenError: It cannot be written; nothing was changed.
        """
        if target.fetched is None:
            return
        recorded = record(target.source, target.fetched.provenance.source, target.folder)
        chosen = {"name": target.folder.name} if target.folder.name != chosen_name(target.fetched, None) else {}
        files = build(target.space, source=recorded, options=chosen)
        write_package(target.folder, files)
        target.fetched = None


def _not_read(name: str, source: str, error: SpacegenError) -> NoSource:
    """Return the error of the option, in the words of whoever read the source."""
    return NoSource(f"--source {name}={spoken(source)}: {error.message}", error.hint)


def _packages(paths: Sequence[Path]) -> Iterator[Path]:
    folders = {path if path.is_dir() else path.parent for path in paths if path.exists()}
    for folder in sorted(folders):
        try:
            yield from find_packages([folder])
        except TargetError:
            continue  # there is none


def _address(name: str) -> Provenance | None:
    """Return the address of a Space that code names; None if it is known only at run time."""
    try:
        asked = read_source(name)
    except SpacegenError:
        return None
    if isinstance(asked, HubSpace):
        host = re.sub(r"[^a-z0-9]+", "-", asked.id.lower()).strip("-")  # as the runtime's `hub_host`
        return Provenance(source=asked.id, space_id=asked.id, url=f"https://{host}.hf.space")
    return Provenance(source=asked.url, url=asked.url) if isinstance(asked, Address) else None


def _same(name: str) -> str:
    """Names of one Space: `Client` takes `owner/space` in any case, and addresses with a slash at the end."""
    return re.sub(r"^https?://(www\.)?(huggingface|hf)\.co/spaces/", "", name.strip()).rstrip("/").lower()


def _is_elsewhere(space: ir.Space, name: str) -> bool:
    """Whether the package calls another address than the code names."""
    return _same(name) not in {_same(space.id), _same(space.url or "")}
