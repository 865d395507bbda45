"""Notebooks: the code of all cells as one text, and back into JSON that is unchanged except in changed cells."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from spacegen.adopt.edits import Edit, apply
from spacegen.adopt.found import UnreadableFile

_SPACE = re.compile(r"[ \t\r\n]*")
_MAGIC = re.compile(r"^([ \t]*)([%!?][^\r\n]*|[^\r\n#'\"]*=[ \t]*[%!][^\r\n]*|[\w.]+\?\??[ \t]*)$", re.MULTILINE)
_HIDDEN = "pass  #spacegen-magic:"
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell.

    Attributes:
        number: Counted from 1, over all cells.
        start: Where its source stands in the file's text, as JSON.
        end: Where that ends.
        is_list: Whether JSON has a text for each line, and not one for all.
        code: Its source.
    """

    number: int
    start: int
    end: int
    is_list: bool
    code: str


class Notebook:
    """A notebook's text.

    Raises:
        UnreadableFile: It is not a notebook of format 4, or it is in another language.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            whole = json.loads(text)
            language = whole.get("metadata", {}).get("kernelspec", {}).get("language", "python")
            cells = self._cells()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError) as error:
            raise UnreadableFile(f"cannot be read as a notebook: {str(error)[:80]}") from None
        if language != "python":
            raise UnreadableFile(f"is a notebook in {language}")
        self.cells = [cell for cell in cells if _is_code(cell.code)]
        self._other = [cell.code for cell in cells if cell.code.lstrip().startswith("%%")]

    @property
    def code(self) -> str:
        """All code cells with borders between them; lines that only a notebook can run are hidden in comments."""
        return f"\n{_BORDER}\n".join(hide(cell.code) for cell in self.cells) + "\n"

    @property
    def mentioned(self) -> frozenset[str]:
        """The words of magics and of cells in other languages; names among them may be used there."""
        hidden = [match[2] for cell in self.cells for match in _MAGIC.finditer(cell.code)]
        return frozenset(re.findall(r"\w+", " ".join([*hidden, *self._other])))

    def place(self, line: int) -> tuple[int, int]:
        """Return the cell and its line for a line of `code`; both are counted from 1."""
        for cell in self.cells:
            count = hide(cell.code).count("\n") + 1
            if line <= count:
                return cell.number, line
            line -= count + 1
        return (self.cells[-1].number if self.cells else 1), line

    def rewritten(self, new: str) -> str:
        """Return the file's text with the code that `code` has become, cell by cell.

        Raises:
            UnreadableFile: The new text does not have the same cells.
        """
        parts = [part.removesuffix("\n") for part in new.removesuffix("\n").split(f"{_BORDER}\n")]
        if len(parts) != len(self.cells):
            raise UnreadableFile("its cells could not be separated again")
        codes = [show(part) for part in parts]
        edits = [
            Edit(cell.start, cell.end, text=self._as_json(cell, code))
            for cell, code in zip(self.cells, codes, strict=True)
            if code != cell.code
        ]
        text = apply(self._text, edits)
        if [cell.code for cell in Notebook(text).cells] != [code for code in codes if _is_code(code)]:
            raise UnreadableFile("its cells could not be written again")
        return text

    def _as_json(self, cell: Cell, code: str) -> str:
        raw = self._text[cell.start : cell.end]
        ascii_only = raw.isascii()

        def written(text: str) -> str:
            return json.dumps(text, ensure_ascii=ascii_only)

        if not cell.is_list:
            return written(code)
        lines = _lines(code)
        if not lines:
            return "[]"
        opening = re.match(r"\[[ \t\r\n]*", raw)
        closing = re.search(r"[ \t\r\n]*\]$", raw)
        assert opening
        assert closing
        between = opening[0][1:] or " "
        # Unchanged lines keep their spelling in JSON; an item need not be one line.
        known = {json.loads(item): item for item in _items(raw)}
        return opening[0] + f",{between}".join(known.get(line) or written(line) for line in lines) + closing[0]

    def _cells(self) -> list[Cell]:
        """Find the source of every code cell in the text of the file."""
        start = next(value for key, value in _members(self._text, _skip(self._text, 0)) if key == "cells")
        found = []
        for number, place in enumerate(_elements(self._text, start), 1):
            members = dict(_members(self._text, place))
            kind, _ = _DECODER.raw_decode(self._text, members["cell_type"])
            if kind != "code":
                continue
            source, end = _DECODER.raw_decode(self._text, members["source"])
            code = source if isinstance(source, str) else "".join(source)
            found.append(Cell(number, members["source"], end, not isinstance(source, str), code))
        return found


_BORDER = "#spacegen-cell"


def _is_code(code: str) -> bool:
    return bool(code.strip()) and not code.lstrip().startswith("%%")


def _lines(code: str) -> list[str]:
    """Return lines with their ends as notebooks have them: nothing but LF ends one."""
    return [line for line in re.split(r"(?<=\n)", code) if line]


def hide(code: str) -> str:
    """Hide magics and shell commands from the parser."""
    return _MAGIC.sub(lambda match: f"{match[1]}{_HIDDEN}{match[2]}", code)


def show(code: str) -> str:
    """Undo `hide`."""
    return code.replace(_HIDDEN, "")


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _members(text: str, place: int) -> list[tuple[str, int]]:
    """Return keys of an object, and where their values start."""
    found = []
    place = _skip(text, place + 1)
    while text[place] != "}":
        key, place = _DECODER.raw_decode(text, place)
        place = _skip(text, _skip(text, place) + 1)
        found.append((key, place))
        place = _skip(text, _DECODER.raw_decode(text, place)[1])
        place = _skip(text, place + 1) if text[place] == "," else place
    return found


def _elements(text: str, place: int) -> list[int]:
    """Return where the elements of an array start."""
    found = []
    place = _skip(text, place + 1)
    while text[place] != "]":
        found.append(place)
        place = _skip(text, _DECODER.raw_decode(text, place)[1])
        place = _skip(text, place + 1) if text[place] == "," else place
    return found


def _items(raw: str) -> list[str]:
    return [raw[start : _DECODER.raw_decode(raw, start)[1]] for start in _elements(raw, 0)]
