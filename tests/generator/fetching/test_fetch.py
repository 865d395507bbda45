"""Reading documents: every form of SOURCE, every way in which it goes wrong, and where credentials go."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
from generator.site import INFO, OPENAPI, Asked, Reply, Site, app, as_json, config, page, redirect
from spacegen import errors
from spacegen.fetching import body, hub, saved, transport
from spacegen.fetching.documents import Documents, Fetched, Provenance
from spacegen.fetching.fetch import fetch
from spacegen.fetching.saved import load_documents, save_documents
from spacegen.fetching.source import Address, HubSpace, SavedFile, read_source
from support.servers import Servers, free_port

TOKEN = "hf_secret"


@pytest.fixture(autouse=True)
def no_token_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    with Site() as site:
        yield site


# What SOURCE means.


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("abidlabs/en2fr", HubSpace("abidlabs/en2fr")),
        (" abidlabs/en2fr\n", HubSpace("abidlabs/en2fr")),
        ("spaces/abidlabs/en2fr", HubSpace("abidlabs/en2fr")),
        ("abidlabs/en2fr/", HubSpace("abidlabs/en2fr")),
        ("https://huggingface.co/spaces/abidlabs/en2fr", HubSpace("abidlabs/en2fr")),
        ("https://huggingface.co/spaces/abidlabs/en2fr/tree/main?x=1#y", HubSpace("abidlabs/en2fr")),
        ("https://www.huggingface.co/spaces/a/b", HubSpace("a/b")),
        ("https://hf.co/spaces/abidlabs/en2fr/", HubSpace("abidlabs/en2fr")),
        ("huggingface.co/spaces/abidlabs/en2fr", HubSpace("abidlabs/en2fr")),
        ("https://abidlabs-en2fr.hf.space", Address("https://abidlabs-en2fr.hf.space")),
        ("abidlabs-en2fr.hf.space", Address("https://abidlabs-en2fr.hf.space")),
        ("https://0123456789abcdef.gradio.live/", Address("https://0123456789abcdef.gradio.live")),
        ("0123456789abcdef.gradio.live", Address("https://0123456789abcdef.gradio.live")),
        ("HTTP://My.App:80/Path/", Address("http://my.app:80/Path")),
        ("http://my.app/path/?__theme=dark", Address("http://my.app/path")),
        ("http://my.app/path/config", Address("http://my.app/path")),
        ("http://my.app/gradio_api/call/predict", Address("http://my.app")),
        ("http://my.app/gradio_api/info?all_endpoints=true", Address("http://my.app")),
        ("http://my.app/path/queue/join", Address("http://my.app/path")),
        ("http://my.app/api/demo", Address("http://my.app/api/demo")),
        ("http://my.app/path/call/predict", Address("http://my.app/path")),
        ("http://my.app/call/predict/0123abcd", Address("http://my.app")),
        ("http://my.app/run/predict/", Address("http://my.app")),
        ("http://my.app/api/predict", Address("http://my.app")),
        ("http://user:p%40ss@my.app/", Address("http://my.app", ("user", "p@ss"))),
        ("http://a-b.hf.space/x", Address("https://a-b.hf.space/x")),
        ("http://[::1]:7860/", Address("http://[::1]:7860")),
        ("localhost:7860", Address("http://localhost:7860")),
        ("127.0.0.1:7860/app/", Address("http://127.0.0.1:7860/app")),
        ("my.app:443/x", Address("https://my.app:443/x")),
    ],
)
def test_every_form_of_source(text: str, meaning: object) -> None:
    assert read_source(text) == meaning


@pytest.mark.parametrize(
    "text",
    [
        *("", "nope", "a/b/c", "docs.json", "folder/docs.json", "./docs", "~/docs", "owner/sp ace", "/"),
        *("https://huggingface.co/gpt2", "https://huggingface.co/", "https://huggingface.co/datasets/a/b"),
        *("http://", "http://host:99999", "http://host:port", "http://[::1", "http://ho st/", "http://h\x1b[31m/"),
        *("ftp://host/", "file:///etc/passwd", "x" * 5000, "owner/\0space"),
    ],
)
def test_what_is_no_source(text: str) -> None:
    with pytest.raises(errors.SourceNotFound) as caught:
        read_source(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    "text", ["http://ada:secret@my.app:99999/", "http://ada:secret@my.app/ x", "x//a:secret@h"]
)
def test_a_password_in_what_is_no_source_is_not_repeated(text: str) -> None:
    with pytest.raises(errors.NoSource) as caught:
        read_source(text)
    assert "secret" not in str(caught.value)


def test_a_file_that_exists_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("owner").mkdir()
    assert read_source("owner/space") == HubSpace("owner/space")
    Path("owner/space").touch()
    assert read_source("owner/space") == SavedFile(Path("owner/space"))
    Path("docs.json").touch()
    assert read_source("docs.json") == SavedFile(Path("docs.json"))


def test_the_hub_of_a_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.my.company:8443")
    assert read_source("https://hub.my.company:8443/spaces/a/b") == HubSpace("a/b")


# Real servers.


def test_a_real_app(server: Servers, gradio_version: str) -> None:
    url = server("text", version=gradio_version).url
    for suffix in ("", "/", "/config", "/?__theme=dark", "/gradio_api/info"):
        fetched = fetch(url + suffix)
        assert fetched.provenance == Provenance(source=url, url=url)
    assert fetched.documents.config["version"] == gradio_version
    assert fetched.documents.info is not None
    assert "/greet" in fetched.documents.info["named_endpoints"]
    assert fetched.documents.openapi is not None
    assert fetched.notes == ()


def test_a_real_app_under_a_path(server: Servers) -> None:
    url = server("text", mount="/demo").url
    assert url.endswith("/demo")
    fetched = fetch(f"{url}/")
    assert fetched.provenance.url == url
    assert fetched.documents.info
    with pytest.raises(errors.SourceNotFound, match="with the app's path"):
        fetch(url.removesuffix("/demo"))


def test_a_real_login(server: Servers) -> None:
    url = server("text", auth=("ada", "lovelace")).url
    with pytest.raises(errors.SourceForbidden, match=r"Not authenticated.*--auth USER:PASSWORD"):
        fetch(url)
    with pytest.raises(errors.SourceForbidden, match="refuses this user and password"):
        fetch(url, auth=("ada", "wrong"))
    fetched = fetch(url, auth=("ada", "lovelace"))
    assert fetched.documents.info
    assert "username" not in fetched.documents.config


# Whatever else may answer.


def test_documents_come_from_under_the_prefix(site: Site) -> None:
    site.routes = app("/deep/path")
    fetched = fetch(f"{site.url}/deep/path")
    assert fetched.documents == Documents(config=config(), info=INFO, openapi=OPENAPI)
    assert fetched.provenance == Provenance(source=f"{site.url}/deep/path", url=f"{site.url}/deep/path")
    assert site.paths()[0] == "/deep/path/config"


def test_the_address_of_a_page_leads_to_its_app(site: Site) -> None:
    site.routes = app("/app", pages=[["", "Home", True], ["second", "Second", True]])
    assert fetch(f"{site.url}/app/second/").provenance.url == f"{site.url}/app"
    site.routes = app("/app", pages=[["", "Home", True], ["second", "Second", True], ["a/b", "Deep", True]])
    assert fetch(f"{site.url}/app/a/b").provenance.url == f"{site.url}/app"
    # With SSR, a Node server answers with a page, and status 200, to whatever it does not know.
    site.routes["/app/second/config"] = page()
    assert fetch(f"{site.url}/app/second/").provenance.url == f"{site.url}/app"
    del site.routes["/app/second/config"]
    with pytest.raises(errors.SourceNotFound, match="/app/third/config does not exist"):
        fetch(f"{site.url}/app/third")
    site.routes["/app/config"] = page()
    with pytest.raises(errors.SourceNotFound):
        fetch(f"{site.url}/app/second")


def test_before_gradio_5_there_is_no_prefix_and_no_openapi(site: Site) -> None:
    old = {key: value for key, value in config(version="4.44.1").items() if key != "api_prefix"}
    site.routes = {"/config": as_json(old), "/info": as_json(INFO), "/openapi.json": as_json(OPENAPI)}
    fetched = fetch(site.url)
    assert fetched.documents == Documents(config=old, info=INFO, openapi=None)
    assert sorted(site.paths()) == ["/config", "/info"]


def test_info_and_openapi_are_asked_for_side_by_side(site: Site) -> None:
    meet = threading.Barrier(2, timeout=10)

    def together(reply: Reply) -> Callable[[Asked], Reply]:
        def answer(_: Asked) -> Reply:
            meet.wait()
            return reply

        return answer

    site.routes = {
        "/config": as_json(config()),
        "/gradio_api/info": together(as_json(INFO)),
        "/gradio_api/openapi.json": together(as_json(OPENAPI)),
    }
    assert fetch(site.url).documents.openapi == OPENAPI


@pytest.mark.parametrize("status", [200, 500])
def test_undocumented_endpoints_are_asked_for_on_request(site: Site, status: int) -> None:
    def info(asked: Asked) -> Reply:
        return as_json(INFO) if "all_endpoints" not in asked.path else as_json({**INFO, "all": True}, status)

    site.routes = {**app(), "/gradio_api/info": info}

    assert fetch(site.url, undocumented=True).documents.info == ({**INFO, "all": True} if status == 200 else INFO)


@pytest.mark.parametrize("status", [404, 500])
def test_an_app_that_cannot_describe_itself_is_read_all_the_same(site: Site, status: int) -> None:
    site.routes = {**app(), "/gradio_api/info": page("boom", status)}
    fetched = fetch(site.url)
    assert fetched.documents.info is None
    assert f"HTTP {status} for info" in fetched.notes[0]


def test_a_broken_openapi_is_only_a_note(site: Site) -> None:
    site.routes = {**app(), "/gradio_api/openapi.json": as_json(b"{")}
    fetched = fetch(site.url)
    assert fetched.documents.openapi is None
    assert "openapi.json cannot be read" in fetched.notes[0]
    site.routes["/gradio_api/openapi.json"] = as_json({}, 404)
    assert fetch(site.url).notes == ()


DEEP = b"[" * 500 + b"]" * 500
VERY_DEEP = b"[" * 200_000


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (as_json({"detail": "Not Found"}, 404), errors.SourceNotFound, "HTTP 404: Not Found"),
        (page(), errors.NotGradio, "web page"),
        (Reply(200, b"  <html>"), errors.NotGradio, "web page"),
        (as_json({"hello": "world"}), errors.NotGradio, "not the config of a Gradio app"),
        (as_json([1]), errors.NotGradio, "not the config of a Gradio app"),
        (as_json(None), errors.NotGradio, "not the config of a Gradio app"),
        (as_json(config(components={})), errors.NotGradio, "not the config of a Gradio app"),
        (as_json(b'{"components": ['), errors.DocumentError, "not valid JSON"),
        (as_json(b""), errors.DocumentError, "not valid JSON"),
        (as_json(b"\xff\xfe{}"), errors.DocumentError, "not valid JSON"),
        (as_json(DEEP), errors.DocumentError, "nested too deeply"),
        (as_json(VERY_DEEP), errors.DocumentError, "nested too deeply"),
        (as_json({}, 500), errors.SourceUnavailable, "HTTP 500"),
        (as_json({}, 503), errors.SourceUnavailable, "HTTP 503"),
        (as_json({"error": "slow\x1b[31m down"}, 429), errors.SourceUnavailable, r"HTTP 429: slow\[31m down"),
        (as_json({}, 418), errors.NotGradio, "HTTP 418"),
        (as_json({"detail": "Not authenticated"}, 401), errors.SourceForbidden, "Not authenticated"),
        (as_json({"detail": {"error": "Not authenticated"}}, 401), errors.SourceForbidden, "authenticated"),
        (as_json({"auth_required": True}), errors.SourceForbidden, "asks for a login"),
        (as_json({}, 403), errors.SourceForbidden, "--token"),
        (as_json(config(api_prefix="@evil.example/")), errors.DocumentError, "api_prefix is not a path"),
        (as_json(config(api_prefix="/../x")), errors.DocumentError, "api_prefix is not a path"),
        (as_json(config(api_prefix=["/x"])), errors.DocumentError, "api_prefix is not a path"),
        (redirect("/login"), errors.SourceForbidden, "login page"),
        (redirect("/other"), errors.NotGradio, "which is not a Gradio app"),
        (redirect("/config"), errors.NotGradio, "in circles"),
        (redirect("ftp://host/config"), errors.NotGradio, "not a web address"),
        (redirect("http://[::1/config"), errors.SourceUnavailable, "failed"),
    ],
)
def test_an_answer_that_is_no_config(
    site: Site, reply: Reply, error: type[errors.SpacegenError], words: str
) -> None:
    site.routes = {"/config": reply, "/login": page(), "/other": as_json(config())}
    with pytest.raises(error, match=words) as caught:
        fetch(site.url)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (as_json(b"{"), errors.DocumentError),
        (as_json([]), errors.DocumentError),
        (page(), errors.NotGradio),
        (as_json({}, 502), errors.SourceUnavailable),
    ],
)
def test_a_broken_info_is_an_error(site: Site, reply: Reply, error: type[errors.SpacegenError]) -> None:
    site.routes = {**app(), "/gradio_api/info": reply}
    with pytest.raises(error):
        fetch(site.url)


def test_documents_are_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "LARGEST", 1000)
    site.routes = app(title="x" * 2000)
    with pytest.raises(errors.DocumentError, match="too large"):
        fetch(site.url)


def test_a_server_that_never_answers(site: Site) -> None:
    finished = threading.Event()

    def hang(_: Asked) -> Reply:
        finished.wait(10)
        return as_json({})

    site.routes = {"/config": hang}
    with pytest.raises(errors.SourceUnavailable, match=r"did not answer within 0\.2 seconds"):
        fetch(site.url, timeout=0.2)
    finished.set()


def test_a_server_that_drips() -> None:
    """Each byte comes in time, the whole never does."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                while not stop.wait(0.02):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(errors.SourceUnavailable, match="did not answer within"):
            fetch(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.3)
        stop.set()
        thread.join()


def test_hosts_that_cannot_be_reached() -> None:
    port = free_port()
    with pytest.raises(errors.SourceUnavailable, match=r"connection refused.*Is the app running"):
        fetch(f"http://127.0.0.1:{port}")
    with pytest.raises(errors.SourceNotFound, match=r"no host spacegen\.invalid"):
        fetch("https://spacegen.invalid")


def test_https_where_only_http_is_spoken(site: Site) -> None:
    with pytest.raises(errors.SourceUnavailable, match="Does the app use http instead"):
        fetch(f"https://127.0.0.1:{site.port}")


def test_a_connection_that_breaks(site: Site) -> None:
    site.routes = {"/config": Reply(200, b"{}", (("content-length", "500"),))}
    with pytest.raises(errors.SourceUnavailable, match="failed"):
        fetch(site.url, timeout=5)


# Redirects and credentials.


def test_a_redirect_on_the_same_host_is_where_the_app_is(site: Site) -> None:
    site.routes = {"/config": redirect("/moved/config?x=1"), **app("/moved")}
    fetched = fetch(site.url, token=TOKEN)
    assert fetched.provenance == Provenance(source=site.url, url=f"{site.url}/moved")
    assert {asked.headers.get("x-hf-authorization") for asked in site.asked} == {f"Bearer {TOKEN}"}


def test_a_redirect_to_another_origin_is_an_error_that_names_both(site: Site, elsewhere: Site) -> None:
    site.routes = {"/config": redirect(f"{elsewhere.url}/config")}
    elsewhere.routes = app()
    with pytest.raises(errors.SourceForbidden, match=f"{site.url}/config redirects .*{elsewhere.url}"):
        fetch(site.url.replace("http://", "http://me:secret@"), token=TOKEN, auth=("ada", "lovelace"))
    assert elsewhere.asked == []


@pytest.mark.parametrize("document", ["info", "openapi.json"])
def test_no_document_comes_from_another_origin(site: Site, elsewhere: Site, document: str) -> None:
    route = f"/gradio_api/{document}"
    site.routes = {**app(), route: redirect(f"{elsewhere.url}{route}")}
    elsewhere.routes = app()
    with pytest.raises(errors.SourceForbidden, match="another origin"):
        fetch(site.url, token=TOKEN)
    assert elsewhere.asked == []


def test_a_login_that_redirects_gets_no_second_try(site: Site, elsewhere: Site) -> None:
    for target, error in ((elsewhere.url, errors.SourceForbidden), (site.url, errors.NotGradio)):
        site.routes = {"/config": as_json({}, 401), "/login": redirect(f"{target}/login", 307)}
        with pytest.raises(error):
            fetch(site.url, auth=("ada", "lovelace"))
    assert elsewhere.asked == []
    assert site.paths() == ["/config", "/login"] * 2


@pytest.mark.parametrize(
    ("home", "url", "same"),
    [
        ("http://a", "http://a/x", True),
        ("http://a:80", "http://a/x", True),
        ("http://a", "https://a/x", False),
        ("https://a", "http://a/x", False),
        ("http://a:8080", "https://a/x", False),
        ("http://a", "http://a:81/x", False),
        ("https://a", "https://b/x", False),
        ("https://a.hf.space", "https://b.hf.space", False),
    ],
)
def test_where_credentials_may_go(home: str, url: str, same: bool) -> None:
    assert transport.same_origin(home, url) is same


def test_a_token_that_was_only_found_goes_to_spaces_only(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    site.routes = app()
    fetch(site.url)
    assert not any("x-hf-authorization" in asked.headers for asked in site.asked)


def test_a_token_with_a_line_break_in_it_is_not_repeated(site: Site) -> None:
    with pytest.raises(errors.SourceForbidden) as caught:
        fetch(site.url, token=f"{TOKEN}\nX: y")
    assert TOKEN not in str(caught.value)
    assert site.asked == []


# Spaces on the Hub.


def space(site: Site, stage: str = "RUNNING", **changes: Any) -> dict[str, Any]:
    return {
        "id": "ada/engine",
        "sha": "0123abcd",
        "sdk": "gradio",
        "host": site.url,
        "subdomain": "ada-engine",
        "runtime": {"stage": stage, "hardware": {"current": None, "requested": None}},
        **changes,
    }


@pytest.fixture
def on_hub(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site that is both the Hub and the Space."""
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", site.url)
    monkeypatch.setattr(hub.wait_until_awake, "__kwdefaults__", {"pause": lambda _: None})
    site.routes = {"/api/spaces/ada/engine": as_json(space(site)), **app()}
    return site


def test_a_space(on_hub: Site) -> None:
    fetched = fetch("ada/engine", token=TOKEN)
    assert fetched.documents == Documents(config=config(), info=INFO, openapi=OPENAPI)
    assert fetched.provenance == Provenance(
        source="ada/engine", space_id="ada/engine", url=on_hub.url, sha="0123abcd"
    )
    asked_of_hub = [asked for asked in on_hub.asked if asked.path == "/api/spaces/ada/engine"]
    assert [asked.headers["authorization"] for asked in asked_of_hub] == [f"Bearer {TOKEN}"]
    asked_of_space = [asked for asked in on_hub.asked if not asked.path.startswith("/api/")]
    assert len(asked_of_space) == 3
    for asked in asked_of_space:
        assert asked.headers["x-hf-authorization"] == f"Bearer {TOKEN}"
        assert "authorization" not in asked.headers


def test_a_token_that_was_found_goes_to_the_space(on_hub: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    fetch("ada/engine")
    assert on_hub.asked[-1].headers["x-hf-authorization"] == f"Bearer {TOKEN}"


def test_a_sleeping_space_is_woken(on_hub: Site) -> None:
    stages = iter(["SLEEPING", "APP_STARTING", "APP_STARTING", "RUNNING"])
    on_hub.routes["/api/spaces/ada/engine"] = lambda _: as_json(space(on_hub, next(stages)))
    on_hub.routes["/"] = page("Preparing Space")
    told: list[str] = []
    assert fetch("ada/engine", report=told.append).documents.info == INFO
    assert told == [
        "ada/engine is asleep; waiting up to 300 s",
        "ada/engine is starting; waiting up to 300 s",
    ]
    assert "/" in on_hub.paths()


def test_patience_ends(on_hub: Site) -> None:
    on_hub.routes["/api/spaces/ada/engine"] = as_json(space(on_hub, "BUILDING"))
    with pytest.raises(errors.SourceUnavailable, match="ada/engine is being built"):
        fetch("ada/engine", patience=0)


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("PAUSED", "is paused, and only its owner"),
        ("BUILD_ERROR", "could not be built.*Out of\\[31m memory.*spaces/ada/engine"),
        ("RUNTIME_ERROR", r"crashed\. The Hub says: .* at line 1\. Its page has the log"),
        ("CONFIG_ERROR", "set up wrongly"),
        ("NO_APP_FILE", "has no app yet"),
        ("DELETING", "being deleted"),
        ("SOMETHING_NEW", r"not running \(SOMETHING_NEW\)"),
    ],
)
def test_a_space_that_does_not_run(on_hub: Site, stage: str, words: str) -> None:
    broken = space(on_hub, stage)
    broken["runtime"]["errorMessage"] = "Out of\x1b[31m memory\n  at line 1"
    on_hub.routes["/api/spaces/ada/engine"] = as_json(broken)
    with pytest.raises(errors.SourceUnavailable, match=words) as caught:
        fetch("ada/engine")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("sdk", ["static", "streamlit"])
def test_a_space_that_is_never_gradio(on_hub: Site, sdk: str) -> None:
    on_hub.routes["/api/spaces/ada/engine"] = as_json(space(on_hub, sdk=sdk))
    with pytest.raises(errors.NotGradio, match=f"is a {sdk} Space"):
        fetch("ada/engine")


def test_gradio_in_a_docker_space_is_read_and_anything_else_is_named(on_hub: Site) -> None:
    on_hub.routes["/api/spaces/ada/engine"] = as_json(space(on_hub, sdk="docker"))
    assert fetch("ada/engine").documents.info == INFO
    on_hub.routes["/config"] = page()
    with pytest.raises(errors.NotGradio, match="is a docker Space"):
        fetch("ada/engine")


NO_REPO = as_json({}, 404, **{"X-Error-Code": "RepoNotFound"})
BAD_TOKEN = as_json({}, 401, **{"X-Error-Message": "Invalid credentials in Authorization header"})


@pytest.mark.parametrize(
    ("reply", "token", "error", "words"),
    [
        (NO_REPO, None, errors.SourceNotFound, "or it is private.*HF_TOKEN"),
        (as_json({}, 401), None, errors.SourceNotFound, "or it is private.*--token"),
        (NO_REPO, TOKEN, errors.SourceNotFound, "whether your token may see the Space"),
        (as_json({}, 403, **{"X-Error-Code": "GatedRepo"}), TOKEN, errors.SourceForbidden, "is gated"),
        (as_json({}, 403), TOKEN, errors.SourceForbidden, "refuses the token"),
        (BAD_TOKEN, TOKEN, errors.SourceForbidden, "refuses the token"),
        (as_json({}, 500), None, errors.SourceUnavailable, "HTTP 500"),
        (as_json({"id": "ada/engine"}), None, errors.SourceUnavailable, "does not say where"),
    ],
)
def test_what_the_hub_may_say(
    on_hub: Site, reply: Reply, token: str | None, error: type[errors.SpacegenError], words: str
) -> None:
    on_hub.routes["/api/spaces/ada/engine"] = reply
    with pytest.raises(error, match=words) as caught:
        fetch("ada/engine", token=token)
    assert "\n" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(errors.SourceUnavailable, match="cannot be reached"):
        fetch("ada/engine")


def test_a_name_that_no_space_has(on_hub: Site) -> None:
    with pytest.raises(errors.SourceNotFound, match="cannot be a Space's name"):
        fetch("ada/" + "x" * 200)
    assert on_hub.asked == []


def test_the_space_behind_a_subdomain(on_hub: Site) -> None:
    on_hub.routes["/api/spaces/by-subdomain/ada-engine"] = as_json(space(on_hub))
    assert hub.space_of_subdomain("ada-engine", token=None, timeout=5) == "ada/engine"
    assert hub.space_of_subdomain("other", token=None, timeout=5) is None
    on_hub.routes["/api/spaces/by-subdomain/odd"] = as_json([])
    assert hub.space_of_subdomain("odd", token=None, timeout=5) is None


def test_an_hf_space_address_that_answers_with_a_page_is_looked_up(
    on_hub: Site, elsewhere: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spacegen.fetching.fetch.hf_subdomain", lambda _: "ada-engine")
    elsewhere.routes = {"/config": page("Preparing Space")}
    with pytest.raises(errors.NotGradio, match="web page"):  # nobody knows this subdomain
        fetch(elsewhere.url)
    on_hub.routes["/api/spaces/by-subdomain/ada-engine"] = as_json(space(on_hub))
    assert fetch(elsewhere.url).provenance.space_id == "ada/engine"
    on_hub.routes["/api/spaces/ada/engine"] = as_json(space(on_hub, "PAUSED"))
    with pytest.raises(errors.SourceUnavailable, match="is paused"):
        fetch(elsewhere.url)


def test_an_app_is_a_space_only_where_it_says_so_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.routes = app(space_id="Ada/My_Engine")
    assert fetch(site.url).provenance.space_id is None
    monkeypatch.setattr("spacegen.fetching.fetch.hf_subdomain", lambda _: "ada-my-engine")
    assert fetch(site.url).provenance.space_id == "Ada/My_Engine"
    site.routes = app(space_id="eve/engine")
    assert fetch(site.url).provenance.space_id is None


# Saved documents.


def fetched_example() -> Fetched:
    return Fetched(
        documents=Documents(config=config(title="caf\u00e9 \u202e \x1b \ud800"), info=INFO, openapi=None),
        provenance=Provenance(source="ada/engine", space_id="ada/engine", url="https://x.hf.space", sha="01"),
    )


def test_saved_documents_read_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "docs.json"
    save_documents(fetched_example(), path)
    text = path.read_bytes()
    again = load_documents(path)
    assert again.documents == fetched_example().documents
    assert again.provenance == Provenance(
        source="docs.json", space_id="ada/engine", url="https://x.hf.space", sha="01"
    )
    assert text.isascii()
    assert list(json.loads(text))[:2] == ["source", "gradio_version"]
    save_documents(fetched_example(), path)
    assert path.read_bytes() == text
    assert list(tmp_path.iterdir()) == [path]


def test_no_secret_is_saved(site: Site, tmp_path: Path) -> None:
    site.routes = app(username="ada")
    address = site.url.replace("http://", "http://me:hunter2@")
    save_documents(fetch(f"{address}/?__sign=jwt", token=TOKEN), tmp_path / "docs.json")
    text = (tmp_path / "docs.json").read_text()
    for secret in ("hunter2", TOKEN, "jwt", "ada"):
        assert secret not in text
    assert json.loads(text)["source"] == site.url


def test_a_file_that_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(errors.TargetError, match="Cannot write"):
        save_documents(fetched_example(), tmp_path / "missing" / "docs.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(errors.TargetError, match="Cannot write"):
        save_documents(fetched_example(), tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_config_alone_is_enough(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config()))
    fetched = fetch(str(tmp_path / "config.json"))
    assert fetched.documents == Documents(config=config())
    assert fetched.provenance == Provenance(source="config.json")
    assert "an API description" in fetched.notes[0]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"", errors.DocumentError),
        (b"{", errors.DocumentError),
        (b"[]", errors.DocumentError),
        (b"\xff", errors.DocumentError),
        (b'{"config": null}', errors.DocumentError),
        (b'{"config": {}}', errors.NotGradio),
        (json.dumps(INFO).encode(), errors.DocumentError),
        (json.dumps({"config": config(), "info": []}).encode(), errors.DocumentError),
        (VERY_DEEP, errors.DocumentError),
    ],
)
def test_files_that_hold_something_else(tmp_path: Path, text: bytes, error: type[errors.SpacegenError]) -> None:
    path = tmp_path / "docs.json"
    path.write_bytes(text)
    with pytest.raises(error):
        fetch(str(path))


def test_a_saved_address_must_be_one(tmp_path: Path) -> None:
    path = tmp_path / "docs.json"
    path.write_text(json.dumps({"config": config(), "url": "javascript:alert(1)", "sha": 5}))
    assert load_documents(path).provenance == Provenance(source="docs.json")


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "LARGEST", 10)
    (tmp_path / "docs.json").write_text(" " * 100)
    with pytest.raises(errors.DocumentError, match="too large"):
        load_documents(tmp_path / "docs.json")


def test_a_file_is_read_without_any_network_library(tmp_path: Path) -> None:
    save_documents(fetched_example(), tmp_path / "docs.json")
    code = (
        "import sys; from spacegen.fetching.fetch import fetch; fetch(sys.argv[1]);"
        "assert not {'httpx', 'huggingface_hub', 'rich', 'black'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "docs.json")], check=True)


@pytest.mark.parametrize(
    ("url", "space_id"),
    [
        ("https://owner-name.hf.space", "owner/name"),
        ("http://owner-name.hf.space", None),
        ("https://evil.example", None),
        ("https://hf.space.evil.example", None),
        (None, None),
    ],
)
def test_a_file_cannot_say_of_another_host_that_it_is_a_space(
    url: str | None, space_id: str | None, tmp_path: Path
) -> None:
    saved: dict[str, Any] = {
        "space_id": "owner/name",
        "url": url,
        "config": {"components": [], "dependencies": []},
        "info": {},
    }
    path = tmp_path / "docs.json"
    path.write_text(json.dumps(saved), encoding="utf-8")

    assert fetch(str(path)).provenance.space_id == space_id
