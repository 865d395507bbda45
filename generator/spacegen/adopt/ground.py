"""All that `adopt` takes from the rest of the generator, in one place."""

from spacegen import ir
from spacegen.errors import SpacegenError, TargetError
from spacegen.fetching.documents import Fetched, Provenance
from spacegen.fetching.fetch import fetch
from spacegen.fetching.recorded import record
from spacegen.fetching.source import Address, HubSpace, read_source
from spacegen.ir.conform import conforms
from spacegen.packages.build import build
from spacegen.packages.find import find_packages
from spacegen.packages.layout import MANIFEST_NAME
from spacegen.packages.read_manifest import load_manifest
from spacegen.packages.write import write_package
from spacegen.pipeline import chosen_name
from spacegen.reading.parse import parse
from spacegen.rendering.annotations import parameter_type, result_type

__all__ = [
    "MANIFEST_NAME",
    "Address",
    "Fetched",
    "HubSpace",
    "Provenance",
    "SpacegenError",
    "TargetError",
    "build",
    "chosen_name",
    "conforms",
    "fetch",
    "find_packages",
    "ir",
    "load_manifest",
    "parameter_type",
    "parse",
    "read_source",
    "record",
    "result_type",
    "write_package",
]
