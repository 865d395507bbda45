"""A service of FastAPI in front of a real Space: uploads, models and named tuples go in and out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Annotated, Any, cast

import files_app
import kitchen_app
import pytest
import text_app
from fastapi import Depends, FastAPI, File, Response, UploadFile
from fastapi.testclient import TestClient
from kitchen_app.models import DataframeData, EditorData, HighlightedToken, LabelData
from PIL import Image
from pydantic import BaseModel
from spacegen_runtime import Endpoint, FileData, deployed
from spacegen_runtime.testing import fake_space
from support.servers import Servers


class Report(BaseModel):
    """What a service of somebody's own answers with models of a package inside."""

    label: LabelData
    files: list[FileData]


def picture(size: tuple[int, int] = (4, 3)) -> tuple[str, bytes, str]:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return "cat.png", out.getvalue(), "image/png"


def files_routes(app: FastAPI, files: Any) -> None:
    @app.post("/flip")
    async def flip(image: UploadFile) -> Response:
        turned = await files.flip.aio(image)
        return Response(await turned.aread(), media_type="image/webp")

    @app.post("/blocking")
    def blocking(image: UploadFile, note: Annotated[bytes, File()]) -> list[str]:
        return [files.pixels(image), files.pixels(note)]

    @app.post("/measure")
    def measure(file: UploadFile) -> files_app.MeasureResult:
        found: files_app.MeasureResult = files.measure(file)
        return found

    @app.post("/join")
    async def join(parts: list[UploadFile]) -> str:
        joined: str = await files.join.aio(parts, ", ")
        return joined


def kitchen_routes(app: FastAPI, kitchen: Any) -> None:
    @app.post("/table")
    async def table(value: DataframeData) -> DataframeData:
        found: DataframeData = await kitchen.table.aio(value)
        return found

    @app.post("/report")
    def report(image: UploadFile, text: str) -> Report:
        return Report(label=kitchen.classify(text), files=[kitchen.picture(image)])

    app.post("/words")(kitchen.colour_words.aio)
    app.post("/tokens")(kitchen.annotations_)
    app.post("/own_table", response_model=DataframeData)(kitchen.table)
    app.post("/drawing", response_model=EditorData)(kitchen.drawing.aio)


def text_routes(app: FastAPI, text: Any) -> None:
    app.post("/greet")(text.greet.aio)
    app.get("/hello")(text.hello)
    app.post("/order", response_model=str)(text.order.aio)

    @app.get("/greeted")
    def greeted(found: Any = Depends(text.greet.aio)) -> dict[str, Any]:  # noqa: B008 # as FastAPI has it
        return dict(found._asdict())


@pytest.fixture(scope="module")
def web(server: Servers) -> Iterator[TestClient]:
    app = FastAPI()
    routes = {files_app: files_routes, kitchen_app: kitchen_routes, text_app: text_routes}
    for package, add in routes.items():
        add(app, deployed(package, base_url=server(package.__name__.removesuffix("_app")).url))
    with TestClient(app) as client:
        yield client


def test_uploads_go_in_under_their_own_names(web: TestClient) -> None:
    turned = web.post("/flip", files={"image": picture()})
    assert Image.open(io.BytesIO(turned.content)).size == (4, 3)
    assert web.post("/blocking", files={"image": picture(), "note": picture((5, 6))}).json() == ["4x3", "5x6"]
    assert web.post("/measure", files={"file": ("notes.txt", b"some notes")}).json()[0] == 10
    parts = [("parts", (f"{word}.txt", word.encode())) for word in ("one", "two")]
    assert web.post("/join", files=parts).json() == "one, two"


class Upload(io.BytesIO):
    """An upload as another framework has it: Flask, where `name` is what the page calls the field."""

    name, filename = "picture", "cat.png"


def test_an_upload_keeps_its_name_and_stays_open() -> None:
    given = UploadFile(io.BytesIO(b"content"), filename="../cat.png")
    with fake_space(files_app) as fake:
        for one in (given, Upload(b"content"), FileData.of(given), FileData.of(given, "dog.png")):
            given.file.seek(0)
            files_app.pixels(cast(Any, one))
        files_app.join([given, given.file, b"x"], "")
        sent = [call["image"] for call in fake.calls(files_app.pixels)]
        several = fake.calls(files_app.join)[0]["files"]
        assert [one.orig_name for one in sent] == ["cat.png", "cat.png", "cat.png", "dog.png"]
        assert {one.read() for one in sent} == {b"content"}
        assert [one.orig_name for one in several][:1] == ["cat.png"]
    assert not given.file.closed


def test_models_go_in_and_out(web: TestClient) -> None:
    frame = {"headers": ["name", "age"], "data": [["Ann", 3], ["Bob", None]]}
    for path in ("/table", "/own_table"):
        found = web.post(path, json=frame).json()
        assert (found["headers"], found["data"]) == (frame["headers"], frame["data"])
    report = web.post("/report", params={"text": "a cat"}, files={"image": picture()})
    assert Report.model_validate(report.json()).files[0].orig_name
    assert "/tmp" not in report.text
    assert "http" not in report.text
    words = web.post("/words", params={"text": "red"}).json()
    assert [HighlightedToken.model_validate(one) for one in words]
    assert web.post("/tokens", json=words).json() == words
    drawing: dict[str, Any] = {"background": None, "layers": [], "composite": None}
    assert web.post("/drawing", json=drawing).json()["background"] is None


def test_what_nobody_annotated_is_answered_without_its_place() -> None:
    app, file = (
        FastAPI(),
        FileData("/tmp/gradio/0123/cat.png", url="https://up.example/cat.png", orig_name="cat.png"),
    )
    said = {"orig_name": "cat.png", "is_stream": False}
    app.get("/one")(lambda: file)
    app.get("/several")(lambda: {"files": [file, LabelData(label="cat")], "pair": (file, 1)})
    with TestClient(app) as client:
        assert client.get("/one").json() == said
        several = client.get("/several")
    assert several.json()["files"][0] == several.json()["pair"][0] == said
    assert dict(file) == said
    with pytest.raises(TypeError, match="not iterable"):
        iter(file)  # type: ignore[call-overload]
    with pytest.raises(KeyError):
        file["path"]


def test_named_tuples_are_lists_and_defaults_are_the_space_s(web: TestClient) -> None:
    assert web.post("/greet", params={"name": "Ada", "celsius": 10}).json() == ["Hello, Ada.", 50]
    assert web.get("/greeted", params={"name": "Ada"}).json() == {"greeting": "Hello, Ada.", "fahrenheit": 41}
    assert web.get("/hello").json() == "hello"
    assert web.post("/greet").status_code == 422
    assert web.post("/order", params={"size": "huge"}).status_code == 422


def test_the_service_describes_itself(web: TestClient) -> None:
    document = web.get("/openapi.json").json()
    names = {one["name"] for one in document["paths"]["/greet"]["post"]["parameters"]}
    assert names == {"name", "excited", "celsius"}
    assert {"DataframeData", "Report", "LabelData"} <= document["components"]["schemas"].keys()
    assert "gradio" not in json.dumps(document).replace("gradio.app", "").lower()


def test_every_function_of_the_packages_is_a_dependency() -> None:
    for package in (files_app, kitchen_app, text_app):
        for function in filter(lambda one: isinstance(one, Endpoint), vars(package).values()):
            app = FastAPI()
            app.get("/")(lambda found=Depends(function.aio): found)  # noqa: B008 # as FastAPI has it
            assert app.openapi()["paths"]["/"]["get"]
