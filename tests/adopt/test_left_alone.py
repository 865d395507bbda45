"""Code that would not work the same afterwards stays as it is."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adopt import shaped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacegen.adopt.found import AdoptReport, Use
from spacegen.adopt.run import adopt
from support.drawn import examples

Moved = tuple[Path, AdoptReport]
Program = Callable[..., tuple[list[Use], str]]


@pytest.fixture
def program(moved: Moved, tmp_path: Path) -> Program:
    """Move a program over, with other files beside it; return its calls and its new text."""
    spaces = moved[0] / "spaces"
    packages = {name: spaces / Path(source).stem for name, source in shaped.sources().items()}
    sources = {name: str(package) for name, package in packages.items() if package.is_dir()}

    def run(text: str, **others: str) -> tuple[list[Use], str]:
        path = tmp_path / "program.py"
        path.write_text(f"from gradio_client import Client\n{textwrap.dedent(text)}", "utf-8")
        for name, other in others.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(other))
        report = adopt([tmp_path], output=tmp_path / "spaces", sources=sources, write=True)
        assert not [file.problem for file in report.files if file.problem]
        file = next(file for file in report.files if file.path == path)
        return [use for use in file.uses if use.kind == "call"], path.read_text("utf-8")

    return run


@pytest.mark.parametrize(
    "source",
    [
        ["a = 1\nb = 2\n", 'print(client.predict("x", api_name="/echo"))\n', "print(a, b)\n", "print('end')"],
        ["s = 'a\u2028b'\n", 'print(client.predict("x", api_name="/echo"))\n', "print(s)\n", "print('end')"],
        ["s = 'a\fb'\n", 'print(client.predict("x", api_name="/echo"))\n', "print(s)\n", "print('end')"],
        ['a = 1\nprint(client.predict("x", api_name="/echo"))\n\nprint(a)'],
        ["a = ", '1\nprint(client.predict("x", ', 'api_name="/echo"))'],
    ],
)
def test_a_notebook_keeps_its_lines_however_it_lists_them(source: list[str], tmp_path: Path) -> None:
    first = ["from gradio_client import Client\n", 'client = Client("http://text.test")']
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": one}
        for one in (first, source)
    ]
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    adopt([path], output=tmp_path, sources=shaped.sources(), write=True)
    now = ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]
    assert now[1] == "".join(source).replace('client.predict("x", api_name="/echo")', 'echo("x")')
    assert now[0] == "from text import echo"


@pytest.mark.parametrize("end", ["\u2028", "\f", "\x85"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_line_of_a_comment_ends_where_python_says(
    program: Program, end: str, newline: str, tmp_path: Path
) -> None:
    text = f'# one{end}two\n\ndef f():\n    from gradio_client import Client\n    c = Client("http://text.test")\n'
    path = tmp_path / "comment.py"
    path.write_text(
        (text + '    return c.predict("a", api_name="/echo")\n').replace("\n", newline), "utf-8", newline=""
    )
    program("")
    assert f"# one{end}two\n" in path.read_text("utf-8")
    assert "from text import echo\n" in path.read_text("utf-8")


def test_a_session_is_not_left_open_in_the_code_that_takes_a_value(program: Program) -> None:
    text = """
        def steps():
            client = Client("http://chat.test")
            for word in "ab":
                yield client.predict(word, 1, api_name="/remember")
    """
    [use], now = program(text)
    assert "no `with` block can be put around it" in use.reasons[0]
    assert "yield client.predict" in now


def test_nothing_given_back_is_an_empty_tuple_for_code_that_looks(program: Program) -> None:
    text = """
        client = Client("http://text.test")
        for one in client.predict("x", api_name="/forget"):
            print(one)
        client.predict("x", api_name="/forget")
    """
    uses, _ = program(text)
    assert [use.outcome for use in uses] == ["left", "rewritten"]
    assert "an empty tuple" in uses[0].reasons[0]


RESULT = """
    client = Client("http://studio.test")
    result = client.predict("x", api_name="/classify")
    print(result["label"])
"""


def test_a_result_that_other_files_take_stays_a_dict(program: Program) -> None:
    assert "print(result.label)" in program(RESULT)[1]
    _, now = program(RESULT, other='from program import result\nprint(result["label"])\n')
    assert "result.label" not in now


def test_a_result_in_a_class_stays_a_dict(program: Program) -> None:
    text = """
        client = Client("http://studio.test")
        class Page:
            result = client.predict("x", api_name="/classify")
            print(result["label"])
        print(Page.result["label"])
    """
    assert "result.label" not in program(text)[1]


CLASS = """
    class C:
        def __init__(self):
            self.api = "/echo"
            self.client = Client("http://text.test")
        def run(self):
            return self.client.predict("x", api_name=self.api)
"""
CALL = """
    client = Client("http://text.test")
    print(client.predict("x", api_name={}))
"""


@pytest.mark.parametrize(
    ("before", "api", "after"),
    [
        ('cfg = {"api": "/echo"}\ncfg["api"] = "/fast"', 'cfg["api"]', ""),
        ('cfg = {"a": ["/echo"]}\ncfg["a"][0] = "/fast"', 'cfg["a"][0]', ""),
        ('cfg = {"a": ["/echo"]}\ncfg["a"].insert(0, "/fast")', 'cfg["a"][0]', ""),
        ('cfg = {"a": "/echo"}\ncfg["a"], b = "/fast", 1', 'cfg["a"]', ""),
        ('names = ["/echo", "/fast"]\nnames.reverse()', "names[0]", ""),
        ('names = ["/echo", "/fast"]\nother = names', "names[0]", "other.sort()"),
        ('class A:\n    names = ["/echo"]\n    names[0] = "/fast"', "A.names[0]", ""),
        ('class A:\n    api = "/echo"', "A.api", "A.api = '/fast'"),
        ('class A:\n    api = "/echo"', "A.api", "setattr(A, input(), '/fast')"),
        ('class A:\n    api = "/echo"\n    def f(self):\n        self.api += "s"', "A.api", ""),
    ],
)
def test_a_value_that_may_change_is_not_taken_for_a_constant(
    program: Program, before: str, api: str, after: str
) -> None:
    [use], _ = program(f"{before}\n{textwrap.dedent(CALL).format(api)}\n{after}\n")
    assert use.outcome == "left"


@pytest.mark.parametrize(
    "after",
    [
        'class D(C):\n    api = "/fast"',
        'class D(C):\n    def __init__(self):\n        super().__init__()\n        self.api = "/fast"',
        'c = C()\nc.api = "/fast"',
        'class D(C):\n    def __init__(self):\n        self.client = Client("http://studio.test")',
        'c = C()\nc.client = Client("http://studio.test")',
        "c = C()\nc.client = input()",
    ],
)
def test_an_attribute_that_is_given_in_several_places_is_not_known(program: Program, after: str) -> None:
    assert [use.outcome for use in program(CLASS)[0]] == ["rewritten"]
    uses, _ = program(f"{textwrap.dedent(CLASS)}\n{after}\n")
    assert [use.outcome for use in uses] == ["left"]


@pytest.mark.parametrize("line", ['program.API = "/fast"', 'monkeypatch.setattr(program, "API", "/fast")'])
def test_a_constant_that_another_file_replaces_is_not_known(program: Program, line: str) -> None:
    text = f'API = "/echo"\n{textwrap.dedent(CALL).format("API")}'
    [use], _ = program(text, other=f"import program\n{line}\n")
    assert use.outcome == "left"
    [use], _ = program(text, other="import program\n")
    assert use.outcome == "rewritten"


@pytest.mark.parametrize(
    "other",
    ["class Client:\n        pass", "from elsewhere import Client", "Client = make()"],
)
def test_a_name_that_may_be_something_else_is_not_a_client(program: Program, other: str) -> None:
    text = "try:\n    from gradio_client import Client\nexcept ImportError:\n    {}\n"
    [use], _ = program(text.format(other) + textwrap.dedent(CALL).format('"/echo"'))
    assert use.outcome == "left"
    [use], _ = program(text.format("Client = None") + textwrap.dedent(CALL).format('"/echo"'))
    assert use.outcome == "rewritten"


CAUGHT = """
    client = Client("http://text.test")
    def ask(text):
        return client.predict(text, api_name="/echo")
    try:
        print(ask("x"))
    except ValueError:
        pass
"""


def test_an_except_around_the_caller_is_told(program: Program) -> None:
    [use], _ = program(CAUGHT)
    assert use.notes == [
        "`except ValueError` in line 8 does not catch the package's errors; "
        "add AppError, InputRefused, QuotaExceeded, AuthError, EndpointChanged"
    ]


AGAIN = [
    "a = a.strip()",
    'a = a.strip(" ")',
    'a = a.replace("x", "y")',
    "a = a.next",
    "a = a[0]",
    "a = a(1)",
    "a = b",
    "b = a(1).c(2)",
    "b = b.c(a)",
    "a = b(b, 1, 2)",
]


@given(lines=st.lists(st.sampled_from(AGAIN)))
@settings(max_examples=examples(30), suppress_health_check=list(HealthCheck))
def test_a_name_may_get_its_value_from_itself(program: Program, lines: list[str]) -> None:
    text = "\n".join(["a = b = input()", *lines, 'client = Client("http://text.test")'])
    [use], _ = program(f'{text}\nprint(client.predict(a, api_name="/echo"))\n')
    assert use.outcome == "rewritten"


def test_a_name_that_is_moved_on_many_times_takes_no_longer(program: Program) -> None:
    steps = "node = node.next\n" * 60 + 'node = node.find("x")\n' * 60
    [use], _ = program(f"node = input()\n{steps}{textwrap.dedent(CALL).format('node.api')}")
    assert use.outcome == "left"


SEVERAL = """
    client = Client("http://text.test")
    def show(text):
        print(text)
    def ask():
        {}
        {}
"""
GREETED = 'client.predict("Ada", True, 5, api_name="/greet")'


@pytest.mark.parametrize(
    ("call", "shows"),
    [
        ("one = {}", "if isinstance(one, tuple): one = one[0]\n        print(one)"),
        ("one = {}", "one = one[0]; print(one)"),
        ("one = {}", "for one in one: print(one)"),
        ("one = {}", "one = ', '.join(map(str, one)); print(f'{{one}}')"),
        ("one = {}", "with open('x') as one: print(one)"),
        ("one = {}", "try: pass\n        except OSError as one: print(one)"),
        ("one = {}", "match input():\n            case one: print(one)"),
        ("global one; one = {}", "one = one[0]\n    print(one)"),
        ("one = {}", "one += ('x',); print(one)"),
        ("one = {}", "(one, two) = 'xy'; print(one)"),
        ("one = {}", "import os as one; print(one)"),
        ("one = {}", "[one := two for two in 'xy']; print(one)"),
        ("one = {}", "def other():\n            nonlocal one\n            one = 'x'\n        other(); print(one)"),
        ("one = {}", "print(one if input() else 'nothing')"),
        ("one = {}", "print(one or 'nothing')"),
        ("one = {}", "show(one); show('text')"),
        ("if input(): return {}", "return None\n    print(ask())"),
        ("one = {}; return one", "return None\n    print(ask())"),
        ("one = {}", "yield one; return one\n    print(ask())"),
        ("return {}", "ask = len\n    print(ask())"),
        ("all = {{}}; all['a'] = {}", "all['b'] = 'text'; print(all[input()])"),
    ],
)
def test_a_place_that_may_show_something_else_gets_the_tuple_from_where_it_is_made(
    program: Program, call: str, shows: str
) -> None:
    text = SEVERAL.format(call.format(GREETED), shows.format())
    [use], now = program(text)
    assert use.outcome == "rewritten"
    shown = textwrap.dedent(text).replace(GREETED, 'tuple(greet(name="Ada", excited=True, celsius=5))')
    assert shown.partition("def show")[2] in now.replace("one: Any", "one")
    compile(now, "program.py", "exec")


@pytest.mark.parametrize(
    "body", ["return {}", "one = {}\n    return one", "if not input(): raise KeyError\n    return {}"]
)
def test_a_function_with_one_end_gives_what_it_gave(program: Program, body: str) -> None:
    text = f'client = Client("http://text.test")\ndef ask():\n    {body.format(GREETED)}\nprint(ask())\n'
    _, now = program(text)
    made = 'greet(name="Ada", excited=True, celsius=5)'
    assert f"def ask():\n    {body.format(made)}\nprint(tuple(ask()))\n" in now


@pytest.mark.parametrize(
    "shows",
    [
        "all = list({}); all.append('new'); print(all)",
        "print([*{}])",
        "print(sorted({}), f'{{tuple({})}}')",
        "one = {}; all = [*one]; print(all, len(one))",
    ],
)
def test_a_list_of_what_a_result_holds_is_shown_as_it_is(program: Program, shows: str) -> None:
    shows = shows.replace("{}", GREETED).format()
    _, now = program(f'client = Client("http://text.test")\n{shows}\n')
    assert shows.replace(GREETED, 'greet(name="Ada", excited=True, celsius=5)') in now


def test_an_except_for_values_does_not_catch_what_breaks_on_the_way(program: Program) -> None:
    text = """
        import httpx
        client = Client("http://text.test")
        try:
            print(client.predict("x", api_name="/echo"))
        except ValueError:
            print("bad input")
        except httpx.ConnectError:
            print("down")
    """
    _, now = program(text)
    first, second = [line for line in now.splitlines() if line.startswith("except ")]
    assert "AppError, InputRefused" in first
    assert not {"SpaceError", "CannotConnect", "ConnectionLost", "CallTimeout", "BadStatus"} & set(
        first[len("except (") : -len("):")].split(", ")
    )
    assert "CannotConnect" in second


@pytest.mark.parametrize(
    "taken",
    [
        "print(job.result())",
        "for one in job: print(one)",
        "print(list(job))",
        "all = list(job)",
        "print([*job])",
        "print(job.outputs())",
        "print(next(iter(job)))",
    ],
)
def test_an_except_around_the_result_of_a_job_is_extended(program: Program, taken: str) -> None:
    text = f"""
        client = Client("http://text.test")
        job = client.submit("x", api_name="/echo")
        try: job.cancel()
        except ValueError: pass
        try: {taken}
        except ValueError: pass
        other = client.submit("x", api_name="/fast")
        try: print(other.result())
        except ValueError: pass
    """
    uses, now = program(
        text.replace("        try: for one in job: print(one)", f"        try:\n            {taken}")
    )
    assert [(one.outcome, one.notes) for one in uses] == [("rewritten", [])] * 2
    cancels, takes, _ = [line for line in now.splitlines() if line.startswith("except ")]
    assert cancels == "except ValueError: pass"
    assert takes.startswith("except (ValueError, AppError, ")


def test_an_except_that_a_call_which_stays_may_reach_keeps_its_errors(program: Program) -> None:
    text = """
        from gradio_client.exceptions import AppError
        client = Client("http://text.test")
        def ask(name):
            return client.predict("x", api_name=name)
        try:
            print(client.predict("x", api_name="/echo"), ask(input()))
        except AppError:
            pass
    """
    uses, now = program(text)
    assert sorted(use.outcome for use in uses) == ["left", "rewritten"]
    assert "except (AppError, AppError_, " in now


def test_an_except_around_the_result_of_an_executor_is_extended(program: Program) -> None:
    text = """
        from concurrent.futures import ThreadPoolExecutor
        client = Client("http://text.test")
        with ThreadPoolExecutor() as pool:
            future = pool.submit(client.predict, "x", api_name="/echo")
        try:
            print(future.result())
        except ValueError:
            pass
    """
    assert "except (ValueError, AppError, " in program(text)[1]


def test_an_except_around_a_result_out_of_sight_is_told(program: Program) -> None:
    text = """
        from concurrent.futures import ThreadPoolExecutor, as_completed
        client = Client("http://text.test")
        with ThreadPoolExecutor() as pool:
            all = [pool.submit(client.predict, one, api_name="/echo") for one in "ab"]
            for future in as_completed(all):
                try:
                    print(future.result())
                except ValueError:
                    pass
    """
    [use], _ = program(text)
    assert [note for note in use.notes if note.startswith("`except ValueError` in line 10")]


def test_an_except_around_a_property_is_told(program: Program) -> None:
    text = """
        client = Client("http://text.test")
        class Page:
            @property
            def text(self):
                return client.predict("x", api_name="/echo")
        try:
            print(Page().text)
        except ValueError:
            pass
    """
    [use], _ = program(text)
    assert [note for note in use.notes if note.startswith("`except ValueError` in line 10")]


@pytest.mark.parametrize("other", ["map(ask, 'abc')", "on_click = ask", "ask = retry(ask)"])
def test_an_except_around_a_caller_is_told_whoever_else_gets_the_function(program: Program, other: str) -> None:
    [use], _ = program(f"{textwrap.dedent(CAUGHT)}{other}\n")
    assert [note for note in use.notes if note.startswith("`except ValueError` in line 8")]
