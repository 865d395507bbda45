"""Places that take only whole numbers: gradio_client returned 3, the package returns 3.0, which fails there."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from spacegen.adopt.calls import passed_to
from spacegen.adopt.flows import follow
from spacegen.adopt.kinds import kinds_of
from spacegen.adopt.module import Module

_FUNCTIONS = frozenset(
    {"range", "chr", "bytes", "bytearray", "bin", "hex", "oct", "math.factorial", "math.comb", "math.gcd"}
    | {"random.randint", "random.randrange", "itertools.islice", "itertools.repeat", "operator.index"}
)
_BITS = (cst.BitAnd, cst.BitOr, cst.BitXor, cst.LeftShift, cst.RightShift)
_SEQUENCES = frozenset({"str", "list", "tuple", "bytes"})


def whole_places(module: Module, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the places that a number reaches, itself or by sums and the like, and that need an `int`."""
    flow = follow(module, node, counts=True)
    for place in flow.held:
        outer = module.parent(place)
        if isinstance(outer, cst.BinaryOperation):
            other = outer.right if outer.left is place else outer.left
            repeats = isinstance(outer.operator, cst.Multiply) and (kinds_of(module, other) or {"?"}) <= _SEQUENCES
            if repeats or isinstance(outer.operator, _BITS):
                yield place
    for place, path in flow.ends:
        if not path and _is_whole(module, place):
            yield place


def _is_whole(module: Module, node: cst.CSTNode) -> bool:
    outer = module.parent(node)
    match outer:
        case cst.Arg():
            return passed_to(module, outer) in _FUNCTIONS
        case cst.Slice():
            return True
        case cst.Index():
            whole = module.parent(module.parent(outer) or outer)
            return isinstance(whole, cst.Subscript) and (kinds_of(module, whole.value) or {"?"}) <= _SEQUENCES
        case cst.FormattedStringExpression(format_spec=[cst.FormattedStringText(value=said)]):
            return said[-1:] in "bcdoxX"
        case _:
            return False
