"""Where the generator's requests carry a credential: every credential, every request, every way that it may go."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
from click.testing import CliRunner, Result
from generator.site import INFO, OPENAPI, Asked, Reply, Route, Site, app, as_json, config
from spacegen import errors
from spacegen.commands import main as cli
from spacegen.fetching.fetch import fetch
from support.documents import documents, endpoint, value

SECURITY = Path(__file__).parents[3] / "SECURITY.md"
SECRET = "s3cret"
MARKS = (SECRET, base64.b64encode(f"me:{SECRET}".encode()).decode())

# What a request may carry, and how a redirect is answered.

CREDENTIALS: dict[str, dict[str, Any]] = {
    "token, given": {"token": SECRET},
    "token, found": {},
    "login": {"auth": ("me", SECRET)},
    "gateway (Basic)": {"auth": ("me", SECRET)},
    "header": {"headers": {"X-Key": SECRET}},
    "user in the address": {},
    "all at once": {"token": SECRET, "auth": ("me", SECRET), "headers": {"X-Key": SECRET}},
}
UNTOLD = {"token, found"}  # at an address that is not on the Hub
KINDS = {
    "config": "/config",
    "info": "/gradio_api/info",
    "openapi": "/gradio_api/openapi.json",
    "login": "/login",
    "page": "/config",
}
WAYS = ("same origin", "redirect in the origin", "redirect away", "redirect away and back", "another port")


def told(asked: Asked) -> bool:
    """Whether a request carries a secret, in a header or in its body."""
    words = (asked.path, *asked.headers.values(), asked.body.decode())
    return any(mark in word for mark in MARKS for word in words)


def home_routes(kind: str, way: str, credential: str, away: str) -> Mapping[str, Route]:
    """An app that has such a request made, and answers it by sending its caller elsewhere."""

    def hop(asked: Asked, ordinary: Route) -> Reply:
        if way == "same origin" or "hop" in asked.path:
            return ordinary(asked) if callable(ordinary) else ordinary
        where = {
            "redirect in the origin": f"{asked.path}{'&' if '?' in asked.path else '?'}hop",
            "redirect away": f"{away}{asked.path}",
            "redirect away and back": f"{away}/back{asked.path}",
            "another port": f"{away}{asked.path}",
        }[way]
        return Reply(307, b"", (("location", where),))

    def locked(asked: Asked) -> Reply:
        if credential == "gateway (Basic)" and kind != "login" and "authorization" not in asked.headers:
            return Reply(401, b"", (("www-authenticate", "Basic"),))
        if (credential == "login" or kind == "login") and "access=" not in asked.headers.get("cookie", ""):
            return as_json({"detail": "Not authenticated"}, 401)
        return as_json(config(pages=[["", "Home"], ["page", "Page"]]))

    cookie = SECRET if credential == "login" else "x"
    routes: dict[str, Route] = {
        "/config": locked,
        "/gradio_api/info": as_json(INFO),
        "/gradio_api/openapi.json": as_json(OPENAPI),
        "/login": Reply(200, b"{}", (("set-cookie", f"access={cookie}; Path=/"),)),
    }
    path = KINDS[kind]
    ordinary = routes[path]
    return {**routes, path: lambda asked: hop(asked, ordinary)}


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site, Site]]:
    """The app, a stranger's host, and another port of the app's host.

    New ones for each test: a fetch that failed leaves requests under way, and they are this credential's alone.
    """
    with Site() as home, Site(host="127.0.0.2") as other, Site() as neighbour:
        yield home, other, neighbour


@pytest.fixture(autouse=True)
def no_token_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HF_TOKEN", "SPACEGEN_AUTH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("credential", CREDENTIALS)
def test_credentials_stay_in_their_origin(
    credential: str, kind: str, sites: tuple[Site, Site, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, other, neighbour = sites
    if credential == "token, found":
        monkeypatch.setenv("HF_TOKEN", SECRET)
    for way in WAYS:
        stranger = neighbour if way == "another port" else other
        stranger.routes = {**app(), "/back/config": lambda asked: Reply(307, b"", (("location", home.url),))}
        home.routes = dict(home_routes(kind, way, credential, stranger.url))
        for site in sites:
            site.asked.clear()
        options = dict(CREDENTIALS[credential])
        if kind == "login":
            options.setdefault("auth", ("me", "x"))
        address = home.url if credential != "user in the address" else home.url.replace("//", f"//me:{SECRET}@")
        refused = error_of(f"{address}/page" if kind == "page" else address, options)
        asked = [one for one in home.asked if one.path.partition("?")[0] == KINDS[kind]]
        assert asked, (kind, way)
        assert other.asked == neighbour.asked == [], (kind, way)
        if way in WAYS[:2]:
            assert any(map(told, home.asked)) == (credential not in UNTOLD), (kind, way)
        if way == "same origin" or (way == "redirect in the origin" and kind != "login"):
            assert refused is None, (kind, way, refused)
        elif way != "redirect in the origin":
            assert isinstance(refused, errors.SourceForbidden | errors.NotGradio), (kind, way)
            assert home.url in str(refused), (kind, way)
            assert stranger.url in str(refused), (kind, way)


def error_of(source: str, options: Mapping[str, Any]) -> errors.SpacegenError | None:
    try:
        fetch(source, timeout=10, **options)
    except errors.SpacegenError as error:
        return error
    return None


# Who gets what, by who named it: the table of SECURITY.md.

WHOM = (
    "the app that the user typed as SOURCE",
    "the Hub",
    "a Space on the Hub that a `spacegen.json` names",
    "an app on this machine that a `spacegen.json` names",
    "another address that a `spacegen.json` names",
    "the origin of `--origin`",
)
GIVEN: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {  # words of a command, and its environment
    "`--token`": (("--token", SECRET), {}),
    "`HF_TOKEN`, the token file": ((), {"HF_TOKEN": SECRET}),
    "`--auth`": (("--auth", f"me:{SECRET}"), {}),
    "`SPACEGEN_AUTH`": ((), {"SPACEGEN_AUTH": f"me:{SECRET}"}),
    "`--header`": (("--header", f"X-Key: {SECRET}"), {}),
    "user and password in a URL": ((), {}),
}
IN_WORDS = {
    ("`HF_TOKEN`, the token file", WHOM[0]): "Spaces on the Hub only",
    ("`--auth`", WHOM[0]): "yes, to its login or gateway",
    ("`SPACEGEN_AUTH`", WHOM[0]): "yes, to its login or gateway",
}

DOCUMENTS = documents(endpoint("greet", [value("name")], [value()]))
ROUTES: dict[str, Route] = {
    "/config": as_json(DOCUMENTS.config),
    "/gradio_api/info": as_json(DOCUMENTS.info),
    "/info": as_json(DOCUMENTS.info),
}


def gateway(asked: Asked) -> Reply:
    """It asks for a user and a password, so that who has them for it says them."""
    if "authorization" not in asked.headers:
        return Reply(401, b"", (("www-authenticate", "Basic"),))
    return as_json(DOCUMENTS.config)


class World:
    """A Hub, a Space on it, an app on this machine, and an app elsewhere."""

    def __init__(self, stack: ExitStack, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hub = stack.enter_context(Site(host="127.0.0.3"))
        self.space = stack.enter_context(Site(ROUTES, host="127.0.0.4"))
        self.here = stack.enter_context(Site(ROUTES))
        self.elsewhere = stack.enter_context(Site(ROUTES, host="127.0.0.2"))
        self.folder = folder
        known = {"id": "ada/app", "sha": "0" * 40, "sdk": "gradio", "host": self.space.url}
        self.hub.routes = {"/api/spaces/ada/app": as_json({**known, "runtime": {"stage": "RUNNING"}})}
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", self.hub.url)

    def told(self, given: str, whom: str) -> bool:
        """Whether a command tells the secret to those whom the column is about."""
        words, environment = GIVEN[given]
        site = {WHOM[1]: self.hub, WHOM[2]: self.space, WHOM[3]: self.here}.get(whom, self.elsewhere)
        source = "ada/app" if site in (self.hub, self.space) else site.url
        with_user = source.replace("//", f"//me:{SECRET}@") if given == "user and password in a URL" else source
        for one in (self.hub, self.space, self.here, self.elsewhere):
            one.asked.clear()
            if one is not self.hub:
                one.routes["/config"] = gateway if "auth" in given.lower() else as_json(DOCUMENTS.config)
        if whom == WHOM[0]:
            run(environment, "info", with_user, *words)
        else:
            origin = ("--origin", with_user) if whom == WHOM[5] else ()
            if whom in WHOM[2:5] and given == "user and password in a URL":  # for another app than the manifest's
                origin = ("--origin", f"http://me:{SECRET}@127.0.0.9:9")
            (self.folder / "app" / "spacegen.json").write_text(json.dumps({**self.manifest, "source": source}))
            run(environment, "check", str(self.folder / "app"), *words, *origin)
        assert site.asked, (given, whom)
        return any(map(told, site.asked))

    def write(self) -> None:
        """Write the package whose manifest is changed from then on."""
        run({}, self.here.url, "--output", str(self.folder), "--name", "app")
        self.manifest = json.loads((self.folder / "app" / "spacegen.json").read_text())


def run(environment: Mapping[str, str], *words: str) -> Result:
    return CliRunner().invoke(cli.main, list(words), env=dict(environment))


def test_security_md_says_who_gets_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["| | " + " | ".join(WHOM) + " |", "|---|" + "---|" * len(WHOM)]
    with ExitStack() as stack:
        world = World(stack, tmp_path, monkeypatch)
        world.write()
        for given in GIVEN:
            cells = [
                IN_WORDS.get((given, whom), "yes" if was_told else "no")
                for whom in WHOM
                for was_told in [world.told(given, whom)]
            ]
            rows.append(f"| {given} | " + " | ".join(cells) + " |")
    assert "\n".join(rows) in SECURITY.read_text("utf-8")
