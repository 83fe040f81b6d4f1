"""A skops file with the same bytes for the same content: no time of day in it, and no addresses of memory."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

NEVER = (1980, 1, 1, 0, 0, 0)


def canonical(written: bytes) -> bytes:
    """The skops file with its arrays and nodes numbered in order, and without dates."""
    with zipfile.ZipFile(io.BytesIO(written)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    schema = json.loads(files.pop("schema.json"))
    names: dict[str, str] = {}
    _numbered(schema, {}, names)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for old, new in names.items():
            packed.writestr(zipfile.ZipInfo(new, NEVER), files[old], zipfile.ZIP_DEFLATED)
        told = json.dumps(schema, sort_keys=True)
        packed.writestr(zipfile.ZipInfo("schema.json", NEVER), told, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _numbered(node: Any, ids: dict[int, int], names: dict[str, str]) -> None:
    if isinstance(node, list):
        for one in node:
            _numbered(one, ids, names)
    if not isinstance(node, dict):
        return
    if "__id__" in node:
        node["__id__"] = ids.setdefault(node["__id__"], len(ids))
    if isinstance(node.get("file"), str):
        node["file"] = names.setdefault(node["file"], f"{len(names)}.npy")
    for key in sorted(node):
        _numbered(node[key], ids, names)
