"""huggingface_hub understands the stand-in as it understands the Hub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from huggingface_hub import HfApi, SpaceHardware
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from support.hub import Hub, Space


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.users["hf_ada"] = "ada"
        hub.add(
            Space(id="ada/echo", host="http://127.0.0.1:1", title="Echo", description="Repeats text", sha="1" * 9),
            Space(id="ada/secret", private=True),
            Space(id="bob/gated", gated=True),
            Space(id="bob/sleepy", stages=("SLEEPING", "APP_STARTING", "RUNNING"), title="Sleepy echo"),
            Space(id="bob/broken", stages=("RUNTIME_ERROR",), error="No module named 'gradio'"),
        )
        yield hub


@pytest.fixture
def anonymous(hub: Hub) -> Iterator[HfApi]:
    with hub.in_this_process():
        yield HfApi()


@pytest.fixture
def ada(hub: Hub) -> Iterator[HfApi]:
    with hub.in_this_process("hf_ada"):
        yield HfApi()


def test_space_info(anonymous: HfApi) -> None:
    info = anonymous.space_info("ada/echo")
    assert (info.id, info.host, info.sdk, info.sha) == ("ada/echo", "http://127.0.0.1:1", "gradio", "1" * 9)
    assert info.runtime is not None
    assert info.runtime.stage == "RUNNING"


def test_a_space_wakes_up(anonymous: HfApi) -> None:
    stages = [anonymous.get_space_runtime("bob/sleepy").stage for _ in range(4)]
    assert stages == ["SLEEPING", "APP_STARTING", "RUNNING", "RUNNING"]


def test_a_broken_space_says_why(anonymous: HfApi) -> None:
    runtime = anonymous.get_space_runtime("bob/broken")
    assert (runtime.stage, runtime.raw["errorMessage"]) == ("RUNTIME_ERROR", "No module named 'gradio'")


@pytest.mark.parametrize("name", ["ada/secret", "ada/missing"])
def test_hidden_spaces(anonymous: HfApi, name: str) -> None:
    with pytest.raises(RepositoryNotFoundError):
        anonymous.space_info(name)


def test_a_token_opens_its_owners_spaces(hub: Hub, ada: HfApi) -> None:
    assert ada.space_info("ada/secret").private
    assert hub.asked[-1].token == "hf_ada"
    with pytest.raises(GatedRepoError):
        ada.space_info("bob/gated")
    with pytest.raises(HfHubHTTPError, match="Invalid credentials"):
        ada.space_info("ada/echo", token="hf_wrong")


def test_search(anonymous: HfApi) -> None:
    assert [hit.id for hit in anonymous.search_spaces("echo text")] == ["ada/echo"]
    both = anonymous.search_spaces("echo text", include_non_running=True)
    assert [hit.id for hit in both] == ["ada/echo", "bob/sleepy"]


def test_duplicate_and_settings(hub: Hub, ada: HfApi) -> None:
    url = ada.duplicate_repo("bob/sleepy", to_id="ada/mine", repo_type="space", private=True)
    assert url == f"{hub.url}/spaces/ada/mine"
    ada.add_space_secret("ada/mine", "KEY", "value")
    assert (
        ada.request_space_hardware("ada/mine", SpaceHardware.T4_SMALL, sleep_time=300).requested_hardware
        == "t4-small"
    )
    mine = hub.spaces["ada/mine"]
    assert (mine.private, mine.secrets, mine.sleep_time) == (True, {"KEY": "value"}, 300)
    with pytest.raises(HfHubHTTPError, match="already created"):
        ada.duplicate_repo("bob/sleepy", to_id="ada/mine", repo_type="space")
    with pytest.raises(HfHubHTTPError, match="permissions"):
        ada.pause_space("bob/sleepy")
