"""The page of licences, attributions and citations that ships beside the tables."""

from __future__ import annotations

from collections.abc import Iterator

from country_year.columns import Column
from country_year.states import HERE


def licence_page(inputs: list[dict[str, str]], columns: tuple[Column, ...]) -> bytes:
    """LICENCES.md: the introduction, then one section for every source with the columns made from it."""
    head = (HERE / "licences_head.md").read_text(encoding="utf-8")
    return "\n".join([head, *_sections(inputs, columns)]).encode()


def _sections(inputs: list[dict[str, str]], columns: tuple[Column, ...]) -> Iterator[str]:
    for source in inputs:
        made = [c for c in columns if c.input == source["name"]]
        files = " and ".join(sorted({f"`{c.file}`" for c in made}))
        yield f"## {source['dataset']} ({source['version']})\n"
        yield f"* Publisher: {source['publisher']}"
        yield f"* Licence: {source['licence']}"
        yield f"* Attribution: {source['attribution']}"
        yield f"* Cite: {source['citation']}"
        yield f"* Columns in {files}: {', '.join(c.name for c in made)}"
        yield f"* {source['note']}\n"
