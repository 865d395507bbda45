"""One app in fifty variants at one address, each a small change of the first.

GET /variant           which one /app is, and of which process
POST /become/NAME      restart as that one: this process ends, and another one takes its port

Each variant is a process of its own, forked from one that has imported Gradio and done nothing else.
"""

import os
import random
import threading
from pathlib import Path
from typing import TypedDict

import gradio as gr
import uvicorn
from _serve import _arguments, _leave_with_parent, build_only, endpoint, lighten
from fastapi import BackgroundTasks, FastAPI

BASE = {
    "greet": ["name", "excited", "tone", "times"],
    "greet_returns": ["greeting", "length"],
    "names": {},
    "order": ["size", "count"],
    "order_returns": ["ticket"],
    "lambdas": ["Upper", "Lower"],
    "person": {"name": str},
    "card": {"name": str, "age": int},
    "cuts": ["Words", "Words"],
}
VARIANTS = {
    "base": {},
    "endpoint_removed": {"no_order": True},
    "endpoint_renamed": {"order_name": "place_order"},
    "endpoint_added": {"extra": True},
    "endpoint_undocumented": {"forget_visibility": "undocumented"},
    "parameter_added": {"greet": ["name", "excited", "tone", "times", "nick"]},
    "optional_parameter_added": {"greet": ["name", "excited", "tone", "times", "loud"]},
    "optional_parameter_put_before": {"greet": ["name", "loud", "excited", "tone", "times"]},
    "parameter_removed": {"greet": ["name", "excited", "times"]},
    "parameter_renamed": {"names": {"times": "repeats"}},
    "positions_swapped": {"order": ["count", "size"]},
    "keywords_swapped": {"greet": ["name", "tone", "excited", "times"]},
    "choice_removed": {"tones": ["casual", "rude"]},
    "choice_added": {"tones": ["formal", "casual", "rude", "shy"]},
    "choices_opened": {"custom": True},
    "range_tightened": {"most": 4},
    "range_widened": {"most": 100},
    "became_optional": {"question": "Really?"},
    "became_optional_and_keyword_only": {"count": 7},
    "became_required": {"times": None},
    "became_blank": {"tone": None},
    "default_changed": {"times": 2},
    "label_changed": {"times_label": "How often"},
    "description_changed": {"greet_doc": "Say hello to somebody."},
    "parameter_retyped": {"order": ["size", "count_as_text"]},
    "parameter_took_more": {"order": ["size", "count_as_anything"]},
    "output_added": {"order_returns": ["ticket", "price"]},
    "first_output_added": {"forget_returns": ["ticket"]},
    "output_removed": {"greet_returns": ["greeting"]},
    "output_retyped": {"order_returns": ["price"]},
    "output_renamed": {"length_label": "Size"},
    "outputs_swapped": {"greet_returns": ["length", "greeting"]},
    "output_label_changed": {"ticket_label": "Receipt"},
    "result_choice_added": {"answers": ["yes", "no", "maybe"]},
    "result_choice_removed": {"answers": ["yes"]},
    "lambda_put_first": {"lambdas": ["Title", "Upper", "Lower"]},
    "lambda_put_last": {"lambdas": ["Upper", "Lower", "Title"]},
    "lambda_removed": {"lambdas": ["Lower"]},
    "lambda_put_first_and_another_changed": {"lambdas": ["Title", "Loud", "Lower"]},
    "twin_changed": {"cuts": ["Words", "Sentence"]},
    "argument_field_added": {"person": {"name": str, "nick": str}},
    "argument_field_took_more": {"person": {"name": str | int}},
    "result_field_added": {"card": {"name": str, "age": int, "city": str}},
    "result_field_removed": {"card": {"age": int}},
    "result_field_retyped": {"card": {"name": str, "age": str}},
    "left_the_queue": {"queue": False},
    "streams": {"streams": True},
    "keeps_state": {"state": True},
    "file_types_narrowed": {"file_types": [".csv"]},
    "file_types_widened": {"file_types": None},
    "file_became_list": {"file_count": "multiple"},
    "title_changed": {"title": "Another title"},
}
CASES = {"Upper": str.upper, "Loud": str.upper, "Lower": str.lower, "Title": str.title}


def build(changes):
    """The app with some changes."""
    how = {**BASE, **changes}
    with gr.Blocks(title=how.get("title", "Drifting")) as demo:
        _greet(how)
        if not how.get("no_order"):
            _order(how)
        _vote(how)
        _small(how)
        _typed(how)
    return demo


def _times(how):
    common = {"maximum": how.get("most", 10), "value": how.get("times", 1), "step": 1}
    kind = gr.Slider if common["value"] else gr.Number  # no slider is blank
    return kind(minimum=1, label=how.get("times_label", "Times"), **common)


def _greet(how):
    kinds = {
        "name": lambda: gr.Textbox(label="Name"),
        "excited": lambda: gr.Checkbox(label="Excited"),
        "tone": lambda: gr.Dropdown(
            how.get("tones", ["formal", "casual", "rude"]),
            value=how.get("tone", "casual"),
            label="Tone",
            allow_custom_value=how.get("custom", False),
        ),
        "times": lambda: _times(how),
        "nick": lambda: gr.Textbox(label="Nick"),
        "loud": lambda: gr.Checkbox(label="Loud"),
    }
    results = {
        "greeting": lambda: gr.Textbox(label="Greeting"),
        "length": lambda: gr.Number(label=how.get("length_label", "Length")),
    }
    names = [how["names"].get(name, name) for name in how["greet"]]

    def compute(*values):
        given = {"tone": "-", **dict(zip(how["greet"], values, strict=True))}
        text = f"{given['tone']} {given['name']}{'!' if given['excited'] else '.'} " * int(given["times"])
        said = {"greeting": text.strip(), "length": len(text.strip())}
        found = [said[name] for name in how["greet_returns"]]
        return found if len(found) > 1 else found[0]

    greet = _named("greet", names, compute, how.get("greet_doc", "Greet somebody."))
    endpoint(greet, [kinds[name]() for name in how["greet"]], [results[name]() for name in how["greet_returns"]])


def _order(how):
    kinds = {
        "size": lambda: gr.Textbox(label="Size"),
        "count": lambda: gr.Number(label="Count", value=how.get("count")),
        "count_as_text": lambda: gr.Dropdown(["one", "two"], value=None, label="Count"),
        "count_as_anything": lambda: gr.JSON(label="Count"),
    }
    results = {
        "ticket": lambda: gr.Textbox(label=how.get("ticket_label", "Ticket")),
        "price": lambda: gr.Number(label="Price"),
    }

    def compute(*values):
        given = {name.partition("_")[0]: value for name, value in zip(how["order"], values, strict=True)}
        said = {"ticket": f"{given['count']} x {given['size']}", "price": 2.5}
        found = [said[name] for name in how["order_returns"]]
        return found if len(found) > 1 else found[0]

    order = _named("order", [name.partition("_")[0] for name in how["order"]], compute, "Order something.")
    name = how.get("order_name", "order")
    inputs, outputs = [kinds[name]() for name in how["order"]], [results[name]() for name in how["order_returns"]]
    endpoint(order, inputs, outputs, api_name=name)


def _vote(how):
    question = gr.Textbox(label="Question", value=how.get("question"))
    answer = gr.Radio(how.get("answers", ["yes", "no"]), label="Answer")

    def vote(question):
        return "yes"

    def streamed(question):
        yield "yes"
        yield "yes"

    def remembered(question, memory):
        return "yes", memory

    if how.get("state"):
        memory = gr.State(0)
        endpoint(remembered, [question, memory], [answer, memory], api_name="vote")
    else:
        function = streamed if how.get("streams") else vote
        endpoint(function, question, answer, api_name="vote", queue=how.get("queue", True))


def _small(how):
    kinds, count = how.get("file_types", [".txt", ".csv"]), how.get("file_count", "single")
    file = gr.File(label="File", file_types=kinds, file_count=count)
    endpoint(lambda file: len(Path(file).read_text()), file, gr.Number(label="Size"), api_name="measure")
    outputs = [gr.Textbox(label="Forgotten") for _ in how.get("forget_returns", [])]
    seen = how.get("forget_visibility", "public")
    text = gr.Textbox(label="Text")
    endpoint(lambda text: text if outputs else None, text, outputs, api_name="forget", api_visibility=seen)
    for case in how["lambdas"]:
        text = gr.Textbox(label=f"{case} text")
        gr.Button(case).click(_anonymous(CASES[case]), text, gr.Textbox(label=f"{case} result"))
    drawn = [gr.Number(random.random, label="Luck"), gr.Slider(0, 9, randomize=True, label="Seed")]
    endpoint(lambda luck, seed: luck + seed, drawn, gr.Number(label="Sum"), api_name="draw")
    if how.get("extra"):
        endpoint(lambda text: text, gr.Textbox(label="Text"), gr.Textbox(label="Echo"), api_name="echo")


def _typed(how):
    """Endpoints whose types are those of their functions, and one handler behind two buttons."""

    def describe(person):
        values = {"name": str(person["name"]), "age": 36, "city": "London"}
        return {name: kind(values[name]) for name, kind in how["card"].items()}

    def cut(text):
        head, _, tail = text.partition(" ")
        return head, tail

    describe.__annotations__ = {
        "person": TypedDict("Person", how["person"]),
        "return": TypedDict("Card", how["card"]),
    }
    gr.api(describe)
    for label in how["cuts"]:
        endpoint(cut, gr.Textbox(label=label), [gr.Textbox(label="Head"), gr.Textbox(label="Tail")])


def _anonymous(function):
    return lambda text: function(text)


def _named(name, parameters, compute, documentation):
    """A function with these parameters; Gradio publishes their names."""
    arguments = ", ".join(parameters)
    scope = {"compute": compute}
    exec(f"def {name}({arguments}):\n    return compute({arguments})", scope)
    scope[name].__doc__ = documentation
    return scope[name]


def live(name, arguments, following):
    """Serve a variant until this process is told what follows it."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    root = FastAPI()

    @root.get("/variant")
    def variant():
        return [name, os.getpid()]

    @root.post("/become/{name}")
    def become(name: str, afterwards: BackgroundTasks):
        os.write(following, name.encode())
        afterwards.add_task(os._exit, 0)
        return os.getpid()

    with build_only():
        demo = build(VARIANTS[name])
    lighten(demo)
    app = gr.mount_gradio_app(root, demo, path=arguments.mount, ssr_mode=False)
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning")


def main():
    """Let one process follow the other, until one ends without naming the next."""
    arguments, name = _arguments(), "base"
    while name:
        told, following = os.pipe()
        child = os.fork()
        if child == 0:
            live(name, arguments, following)
            os._exit(0)
        os.close(following)
        os.waitpid(child, 0)
        with os.fdopen(told) as pipe:
            name = pipe.read()


if __name__ == "__main__":
    main()
