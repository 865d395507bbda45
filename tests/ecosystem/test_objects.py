"""Images, arrays, sounds and data frames go in where a component takes them, and come out again."""

from __future__ import annotations

import dataclasses
import io
import json
import pickle
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import kitchen_app
import numpy
import pandas
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from files_app import either, flip, hang
from kitchen_app import picture, sound, table, text
from kitchen_app.models import AnnotatedImageData, DataframeData
from PIL import Image
from pydantic import TypeAdapter
from spacegen_runtime import FileData, FileInput, errors
from spacegen_runtime.testing import fake_space
from spacegen_runtime.values.objects import array_in, as_file, image_in, sound_in, table_of

STREETS = FileData("/tmp/gradio/0123/cat.png", url="https://up.example/cat.png", orig_name="cat.png", size=3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_an_image_of_each_mode_is_a_png_of_the_same_size(mode: str) -> None:
    content, name = as_file(Image.new(mode, (4, 3)))

    assert name == "image.png"
    assert image_in(content, name).size == (4, 3)


@pytest.mark.parametrize(
    ("array", "pixel"),
    [
        (numpy.full((3, 4), 200, "uint8"), 200),
        (numpy.full((3, 4, 1), 200, "int64"), 200),
        (numpy.full((3, 4, 3), 0.2), 51),
        (numpy.full((3, 4, 4), 200.0), 200),
        (numpy.full((3, 4), True), 255),
    ],
)
def test_an_array_is_an_image_of_the_same_pixels(array: Any, pixel: int) -> None:
    found = array_in(*as_file(array))

    assert found.shape[:2] == (3, 4)
    assert (found == pixel).all()


@pytest.mark.parametrize("kind", ["int16", "float32", "int32", "uint8"])
@pytest.mark.parametrize("shape", [(80,), (80, 2)])
def test_a_sound_is_a_wav_of_the_same_samples(kind: str, shape: tuple[int, ...]) -> None:
    loudest = {"int16": 2**14, "float32": 0.5, "int32": 2**30, "uint8": 192}[kind]
    rate, samples = sound_in(*as_file((8000, numpy.full(shape, loudest, kind))))

    assert (rate, samples.shape, samples.dtype) == (8000, shape, numpy.dtype("int16"))
    assert abs(samples - 2**14).max() <= 1


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (numpy.zeros((3, 4, 5)), r"an image: .*, not an array of \(3, 4, 5\)"),
        (numpy.zeros((3, 0)), "an image: .*, not an empty array"),
        (numpy.full((3, 4), -1), "an image: .*, not numbers from -1 to -1; make them 0 to 255"),
        (numpy.full((3, 4), "x"), "an image: .*, not an array of <U1"),
        ((8000, numpy.zeros(8, "complex64")), "a sound: .*, not an array of complex64"),
        ((0, numpy.zeros(8)), "a sound: .*, not the rate 0"),
        (pandas.DataFrame({"a": [1]}), "a file .*not pandas DataFrame; write the table into a file first"),
        ([Image.new("L", (1, 1))], "a file .*not list; it takes one file"),
    ],
)
def test_what_is_no_file_is_refused_by_the_name_of_its_argument(value: Any, said: str) -> None:
    with fake_space(kitchen_app), pytest.raises(errors.InputRefused, match=f"`value` takes {said}"):
        (sound if isinstance(value, tuple) else picture)(value)


def test_a_value_goes_in_only_where_its_component_takes_it() -> None:
    with fake_space(kitchen_app):
        with pytest.raises(
            errors.InputRefused, match=r"`value` takes a file of a kind that Audio plays, not PIL Image"
        ):
            sound(Image.new("L", (1, 1)))
        with pytest.raises(
            errors.InputRefused, match="`value` takes a file of a kind that Image shows, not a sound"
        ):
            picture((8000, numpy.zeros(8)))
        with pytest.raises(errors.InputRefused, match=r"`value` takes .* not pandas DataFrame; Textbox"):
            text(pandas.DataFrame({"a": [1]}))


def test_objects_reach_a_space_and_come_back() -> None:
    with fake_space(kitchen_app) as fake:
        fake.on(picture).does(lambda value: value)
        fake.on(sound).does(lambda value: value)
        fake.on(table).does(cast(Any, lambda value: value))

        assert picture(Image.new("RGB", (4, 3), "red")).image().getpixel((0, 0)) == (255, 0, 0)
        assert picture(FileData.of(numpy.zeros((3, 4), "uint8"))).array().shape == (3, 4)
        assert sound((8000, numpy.zeros(80))).sound()[0] == 8000
        frame = pandas.DataFrame({"name": ["Ann", None], "at": pandas.to_datetime(["2020-01-02", None])})
        found = table(frame)
        assert found.data == [["Ann", "2020-01-02T00:00:00"], [None, None]]
        assert [*found.to_pandas().columns] == ["name", "at"]


@dataclasses.dataclass
class Inside:
    value: object


RED = Image.new("RGB", (4, 3), "red")


@pytest.mark.parametrize(
    ("endpoint", "value", "told"),
    [
        (table, pandas.DataFrame({"a": [1]}), r"pandas\.DataFrame: give the promised model, with headers="),
        (table, {"headers": [], "data": [[RED]]}, r"PIL\.Image: make a file of it: FileData\.of\(image\)"),
        (picture, RED, r"PIL\.Image: make a file of it"),
        (picture, Inside(object()), r"builtins\.object: give what JSON can say, a model of the package or a file"),
    ],
)
def test_a_fake_tells_what_no_server_sends(endpoint: Any, value: Any, told: str) -> None:
    words = rf"^<Endpoint kitchen_app\.endpoints\.{endpoint.__name__}> cannot return a {told}"
    with fake_space(kitchen_app) as fake:
        with pytest.raises(TypeError, match=words):
            fake.on(endpoint).returns(value)
        with pytest.raises(TypeError, match=words):
            fake.on(endpoint).sends_raw(value)


def test_the_advice_for_a_frame_works() -> None:
    frame = pandas.DataFrame({"a": [1, 2]})
    with fake_space(kitchen_app) as fake:
        fake.on(table).returns(DataframeData(headers=list(frame.columns), data=frame.to_numpy().tolist()))
        assert table().data == [[1], [2]]


def test_frames_of_polars_go_in_and_out() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, None], "b": [0.5, float("nan")]})
    made = table_of(frame)

    assert made == {"headers": ["a", "b"], "data": [[1, 0.5], [None, None]]}
    assert DataframeData(**made).to_polars().columns == ["a", "b"]


def test_a_model_that_is_no_table_is_no_frame() -> None:
    with pytest.raises(TypeError, match="AnnotatedImageData is not a table"):
        AnnotatedImageData(image=STREETS, annotations=[]).to_pandas()


def test_a_stranger_s_file_starts_no_other_program() -> None:
    with pytest.raises(ValueError, match="cannot be read as an image"):
        image_in(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", "cat.eps")


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PIL.Image", None)

    with pytest.raises(errors.ConfigurationError, match=r"image\(\) needs pillow: pip install pillow"):
        image_in(b"", "cat.png")


def test_a_name_that_says_another_kind_of_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "WEBP")
    with fake_space(kitchen_app) as fake:
        fake.on(picture).returns(FileData.of(out.getvalue(), "cat.webp"))
        file, strict = picture(None), picture.with_options(strict=True)(None)

        with pytest.warns(errors.UnexpectedOutputWarning, match=r"'out.png' .* is .webp; call it 'out.webp'"):
            assert file.save(tmp_path / "out.png").name == "out.png"
        with pytest.raises(errors.UnexpectedOutput, match=r"strict\.webp"):
            strict.save(tmp_path / "strict.png")
        assert file.save(tmp_path / "out.webp").name == "out.webp"
        assert file.save(f"{tmp_path}/new/folder/") == tmp_path / "new" / "folder" / "cat.webp"
        monkeypatch.chdir(tmp_path)
        assert file.save() == Path("cat.webp")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cat.webp", "new", "out.png", "out.webp"]


def test_files_go_through_json_pickle_copies_and_dataclasses() -> None:
    @dataclasses.dataclass
    class Row:
        file: FileData
        model: AnnotatedImageData

    row = Row(STREETS, AnnotatedImageData(image=STREETS, annotations=[]))
    whole = {"with_paths": True}
    schema = TypeAdapter(Row)

    assert dataclasses.asdict(row)["file"] == STREETS
    assert deepcopy(row) == row
    assert pickle.loads(pickle.dumps(row.model)) == row.model
    assert schema.validate_json(schema.dump_json(row, context=whole)) == row
    assert row.model.model_validate_json(row.model.model_dump_json(context=whole)) == row.model
    assert b"gradio" not in schema.dump_json(row)
    assert b"up.example" not in schema.dump_json(row)


def test_a_path_stays_one_and_content_is_not_written_as_json() -> None:
    given = TypeAdapter(FileInput)

    assert given.validate_python("cat.png") == "cat.png"
    assert given.dump_json(Path("cat.png")) == b'"cat.png"'
    assert given.validate_python({"path": "x"}) == FileData("x")
    with pytest.raises(ValueError, match="not a file"):
        given.validate_python(3)
    with pytest.raises(ValueError, match="not written as JSON"):
        given.dump_json(b"content")


def test_fastapi_describes_and_serves_functions_without_their_places() -> None:
    app = FastAPI()
    app.post("/flip")(flip.aio)
    app.post("/hang")(hang)
    app.get("/swap")(either)
    app.get("/file", response_model=FileData)(lambda: STREETS)
    app.get("/model", response_model=AnnotatedImageData)(lambda: AnnotatedImageData(image=STREETS, annotations=[]))
    document = json.dumps(app.openapi())
    answers = [TestClient(app).get(path).text for path in ("/file", "/model")]

    assert '"operationId": "flip_flip_post"' in document
    assert all('"orig_name":"cat.png"' in answer for answer in answers)
    assert not any(word in answer for answer in answers for word in ("gradio", "up.example"))
