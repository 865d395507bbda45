"""What a newer Gradio publishes is told from its source."""

from __future__ import annotations

from pathlib import Path

from tools.newest import differences

OLD = {
    "routes.py": """
class App:
    def create_app():
        @router.get("/info/")
        @router.get("/info")
        def info(): ...

        @app.post("/reset")
        async def reset(): ...
""",
    "components/box.py": "class Box:\n    def __init__(self, value, *, label): ...\n",
    "server_messages.py": "class Log:\n    msg: Literal['log']\n    text: str\n",
}
NEW = {
    "routes.py": """
class App:
    def create_app():
        @router.head("/info")
        @router.get("/info")
        def info(): ...

        @router.get("/runs")
        def runs(): ...
""",
    "components/box.py": "class Box:\n    def __init__(self, value, *, label, buttons): ...\n",
    "components/map.py": "class Map:\n    def __init__(self, value): ...\n",
    "server_messages.py": "class Log:\n    msg: Literal['log']\n    text: list[str]\n",
}


def environment(folder: Path, version: str, files: dict[str, str]) -> Path:
    (folder / "gradio" / "components").mkdir(parents=True)
    for name, text in files.items():
        (folder / "gradio" / name).write_text(text)
    info = folder / f"gradio-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gradio\nVersion: {version}\n")
    return folder


def test_everything_that_came_or_went_is_a_line(tmp_path: Path) -> None:
    old = environment(tmp_path / "old", "7.0.0", OLD)
    new = environment(tmp_path / "new", "7.1.0", NEW)

    assert differences(old, new) == [
        "gradio 7.0.0 -> 7.1.0",
        "route /info: has HEAD",
        "route /reset: gone",
        "route /runs: new",
        "component Box: has buttons",
        "component Map: new",
        "message Log: has text: list[str]; lost text: str",
    ]
    assert differences(old, old) == []
