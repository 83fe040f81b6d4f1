"""tocsin check sources: what can be read, what it needs, and how its last run went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from tocsin.cli.home import lines, opened, tell
from tocsin.errors import HomeError


def check_sources(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List every source: what it tells of, its grade, what it needs, and how its last run went."""
    rows = list(_rows())
    if as_json:
        lines(rows)
        return
    wide = max(len(row["source"]) for row in rows)
    for group in dict.fromkeys(row["group"] for row in rows):
        tell([f"{group}:"])
        tell(
            f"  {r['source']:<{wide}}  {r['grade']}  {r['title']}{_asides(r)}"
            for r in rows
            if r["group"] == group
        )


def _rows() -> list[dict[str, Any]]:
    from tocsin.settings import secret
    from tocsin.sources import catalog

    health = _health()
    order = {group: n for n, group in enumerate(("events", "words", "conditions", "forecasts", "presence"))}
    return [
        {
            "source": sheet.id,
            "group": sheet.group,
            "title": sheet.title,
            "grade": sheet.grade,
            "cadence_hours": sheet.cadence_hours,
            "licence": " ".join(sheet.licence.split()),
            "shareable": sheet.shareable,
            "needs": list(sheet.secrets),
            "lacks": [name for name in sheet.secrets if secret(name) is None],
            "checked": sheet.address.get("checked", ""),
            "last_run": health.get(sheet.id, "never read") or "well",
        }
        for sheet in sorted(catalog().values(), key=lambda s: (order[s.group], s.id))
    ]


def _health() -> Mapping[str, str]:
    try:
        with opened() as home:
            return home.sources.health()
    except HomeError:
        return {}


def _asides(row: Mapping[str, Any]) -> str:
    told = [f"needs {_named(row)}"] if row["lacks"] else []
    told += [row["last_run"]] if row["last_run"] not in ("never read", "well") else []
    return f"  [{'; '.join(told)}]" if told else ""


def _named(row: Mapping[str, Any]) -> str:
    return ", ".join(f"TOCSIN_{name}" for name in row["lacks"])
