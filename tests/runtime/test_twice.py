"""No job runs twice, and no error says of one that ran that nothing has run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from runtime.conftest import Shell, function
from spacegen_runtime import Space, errors
from spacegen_runtime.rows.verdict import verdict

Answer = Callable[[httpx.Request], "httpx.Response | None"]
REFUSED = {"error": "An event handler didn't receive enough input values (needed: 2, got: 1)."}


class App:
    """An app with one endpoint, `/pay`, in this process; `answer` may answer in its place."""

    def __init__(self, answer: Answer, *, output: Any = None, state: bool = False) -> None:
        self.ran: list[Any] = []
        self.seen: list[str] = []
        self.answer = answer
        self.output = output or {"data": ["paid"]}
        self.joined = ""
        self.config: dict[str, Any] = {
            "protocol": "sse_v3",
            "version": "6.31.0",
            "api_prefix": "/gradio_api",
            "components": [
                {"id": 0, "type": "textbox", "skip_api": False},
                {"id": 1, "type": "state", "skip_api": True},
            ],
            "dependencies": [
                {"id": 0, "api_name": "pay", "inputs": [0, 1] if state else [0], "outputs": [0], "queue": True}
            ],
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        found = self.answer(request)
        path = request.url.path
        self.seen.append(path)
        if path.startswith("/gradio_api/run/"):
            self.ran.append(json.loads(request.content)["data"])
        if found is not None:
            return found
        if path == "/config":
            return httpx.Response(200, json=self.config)
        if path == "/gradio_api/call/pay":
            self.joined = f"e{len(self.seen)}"
            self.ran.append(json.loads(request.content)["data"])
            return httpx.Response(200, json={"event_id": self.joined})
        if path == "/gradio_api/queue/data":
            success = "data" in self.output
            end = {"msg": "process_completed", "event_id": self.joined, "success": success, "output": self.output}
            lines = [f"data: {json.dumps(one)}\n\n" for one in (end, {"msg": "close_stream", "event_id": None})]
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, text="".join(lines))
        return httpx.Response(200, json={"success": True})

    def pay(self, protocol: str = "sse_v3", **options: Any) -> Any:
        space = Space("app", url="http://app.test", prefix="/gradio_api", protocol=protocol)
        space.configure(client_options={"transport": httpx.MockTransport(self)}, retries=0)
        return function(space, "/pay", Any, **options)


def test_a_direct_call_that_ended_in_500_is_not_made_again(shell: Shell) -> None:
    """Also if the Space has moved: a result that is no JSON ends in the same words as a name that is not known."""
    app = App(
        lambda request: httpx.Response(500, text="Internal Server Error") if "/run/" in str(request.url) else None
    )
    with pytest.raises(errors.BadStatus):
        shell.call(app.pay("sse_v2.1", queued=False), "5 EUR")

    assert app.ran == [["5 EUR"]]


def test_a_function_that_failed_is_not_run_again_for_a_state(shell: Shell) -> None:
    app = App(lambda request: None, output={"error": None}, state=True)
    with pytest.raises(errors.AppError):
        shell.call(app.pay(), "5 EUR")

    assert app.ran == [["5 EUR"]]


@pytest.mark.parametrize("queued", [True, False])
@pytest.mark.parametrize("broken", [429, 503, "refused", "lost"])
def test_the_error_of_the_call_counts_and_not_that_of_a_look_at_the_space(
    shell: Shell, queued: bool, broken: Any
) -> None:
    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/config":
            if broken == "refused":
                raise httpx.ConnectError("nobody there", request=request)
            if broken == "lost":
                raise httpx.ReadError("gone", request=request)
            return httpx.Response(broken, headers={"retry-after": "100"})
        return httpx.Response(500, json={"error": None}) if "/run/" in str(request.url) else None

    app = App(answer, output={"error": None})
    with pytest.raises(errors.AppError):
        shell.call(app.pay(queued=queued), "5 EUR")

    assert app.ran == [["5 EUR"]]


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_proves_nothing_of_a_direct_call(shell: Shell, status: int) -> None:
    app = App(lambda request: httpx.Response(status) if "/run/" in str(request.url) else None)
    with pytest.raises(errors.ConnectionLost) as caught:
        shell.call(app.pay(queued=False), "5 EUR")

    assert (caught.value.may_have_run, verdict(caught.value)) == (True, "again")


def test_a_stream_behind_a_sign_on_page(shell: Shell) -> None:
    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/gradio_api/queue/data":
            return None
        there = httpx.URL("https://sso.test/login", params={"next": str(request.url)})
        return httpx.Response(302, headers={"location": str(there)})

    app = App(answer)
    with pytest.raises(errors.ConnectionLost, match="another origin") as caught:
        shell.call(app.pay(), "5 EUR")

    assert caught.value.may_have_run
    assert "session_hash%3D..." in str(caught.value)


def test_what_a_server_repeats_is_no_secret_of_the_caller(shell: Shell) -> None:
    sent: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/gradio_api/call/pay":
            return None
        sent.append(json.loads(request.content))
        detail = [{"loc": ["body"], "msg": "wrong", "input": [sent[0], {sent[0]["session_hash"]: 1}]}]
        return httpx.Response(422, json={"detail": detail})

    pay = App(answer).pay(oauth=True).with_options(oauth_token="hf_secret")
    with pytest.raises(errors.SpaceError) as caught:
        shell.call(pay, "5 EUR")

    assert sent[0]["oauth_token"] == "hf_secret"
    said = f"{caught.value} {vars(caught.value)}"
    assert sent[0]["session_hash"] not in said
    assert "hf_secret" not in said


def test_a_second_attempt_is_another_job(shell: Shell) -> None:
    """Nothing that was said of the first one holds for it: not its id, which a cancel would name."""
    cancelled: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/gradio_api/cancel":
            cancelled.append(json.loads(request.content)["event_id"])
        if request.url.path == "/gradio_api/call/pay" and app.ran:
            app.joined = "second"
            raise httpx.ReadTimeout("no answer", request=request)
        return None

    app = App(answer, output=REFUSED, state=True)
    with pytest.raises(errors.SpaceError) as caught:
        shell.call(app.pay(), "5 EUR")

    assert (caught.value.event_id, cancelled) == ("second", ["second"])


def test_what_an_app_says_after_a_step_is_its_own_error(shell: Shell) -> None:
    step = {"msg": "process_generating", "event_id": "e1", "success": True, "output": {"data": ["1"]}}
    end = {"msg": "process_completed", "event_id": "e1", "success": False}
    lines = [step, {**end, "output": {"error": "'x' is not a valid number"}}, {"msg": "close_stream"}]

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/gradio_api/queue/data":
            return None
        text = "".join(f"data: {json.dumps(line)}\n\n" for line in lines)
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=text)

    with pytest.raises(errors.AppError):
        shell.call(App(answer).pay(), "5 EUR")
    lines.pop(0)
    with pytest.raises(errors.InputRefused):
        shell.call(App(answer).pay(), "5 EUR")


def test_a_redirect_is_no_attempt(shell: Shell) -> None:
    """Each request may be redirected, and is still tried again as often as was asked for."""
    refused: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.startswith("/moved"):
            return httpx.Response(
                307, headers={"location": f"/moved{request.url.path}?{request.url.query.decode()}"}
            )
        request.url = request.url.copy_with(path=request.url.path.removeprefix("/moved"))
        if request.url.path.endswith("/pay") and len(refused) < 2:
            refused.append("one more")
            return httpx.Response(429, headers={"retry-after": "0"})
        return None

    app = App(answer)

    assert shell.call(app.pay().with_options(retries=2), "5 EUR") == "paid"
    assert (len(refused), app.ran) == (2, [["5 EUR"]])
