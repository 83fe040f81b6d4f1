"""Reading a skops file without skops: texts, numbers, lists, mappings and arrays, and nothing that runs.

skops itself (`skops.io.load`) reads the file as well, and writes it; but to import it is to import all of
scikit-learn, which takes longer than everything else the coder loads.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.errors import InputError

_FAULTS = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError),
    *(AttributeError, KeyError, TypeError, ValueError),
)
"""What the libraries raise at bytes that are no whole file of the expected form."""


def stored(path: Path) -> Any:
    """What a skops file holds. Raises InputError when it is damaged or holds anything but data."""
    try:
        with zipfile.ZipFile(path) as packed:
            return _node(json.loads(packed.read("schema.json")), packed)
    except _FAULTS as error:
        raise InputError(
            f"cannot be read as a skops file of data: {error}", str(path), "install the package again"
        ) from error


def _node(node: dict[str, Any], packed: zipfile.ZipFile) -> Any:
    loader: str = node["__loader__"]
    content: Any = node.get("content")
    if loader == "JsonNode":
        return json.loads(content)
    if loader == "DictNode":
        return {key: _node(value, packed) for key, value in content.items()}
    if loader in ("ListNode", "TupleNode"):
        return [_node(value, packed) for value in content]
    if loader == "NdArrayNode" and node["type"] == "numpy":
        return np.load(io.BytesIO(packed.read(node["file"])), allow_pickle=False)
    raise ValueError(f"a {loader} is not data")
