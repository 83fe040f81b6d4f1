"""tocsin check coverage: which states are seen, by what and until when; and which are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.home import lines, opened, progress, seen_day, tell

if TYPE_CHECKING:
    from tocsin.assessment.coverage import Covered, Seen

COLUMNS = f"{'words':10} {'events':10} {'conditions':10} {'docs':>6} {'origins':>7}"
HEAD = f"{'':4} {'state':34} {COLUMNS}  report flow"


def check_coverage(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a state.")] = False,
    as_of: Annotated[
        str | None, typer.Option(help="What was known at the end of this day (default: today).")
    ] = None,
) -> None:
    """List the UN members, then other states: when each group of sources last told of them, or "no data".

    Documents and independent origins are those of the last 90 days. No level stands here: of a state with no
    data nothing is known, and that is not a low risk.
    """
    from tocsin.assessment.coverage import summary
    from tocsin.clock import as_of_end
    from tocsin.store.flows import Watching

    day = seen_day(as_of, "--as-of")
    with opened() as home:
        found = Watching(home, home, as_of_end(day) if day else None).coverage()
    if as_json:
        lines(_row(c) for c in found)
        progress(summary(found))
        return
    tell([HEAD, *_lines(found), "", summary(found)])


def _lines(found: Sequence[Covered]) -> list[str]:
    inside = [_line(c) for c in found if c.member]
    return [*inside, "", "Not members of the United Nations", *(_line(c) for c in found if not c.member)]


def _line(c: Covered) -> str:
    days = [str(c.groups[g].last or "no data") for g in ("words", "events", "conditions")]
    cells = " ".join(f"{day:10}" for day in days)
    told = "no data: nothing is known, which is not low risk" if c.no_data else _flow(c)
    gone = "".join(f"; gone: {line}" for line in c.gone)
    return f"{c.iso3:4} {c.name[:34]:34} {cells} {c.documents:6} {c.origins:7}  {told}{gone}"


def _flow(c: Covered) -> str:
    shown = [(g, s) for g, s in c.groups.items() if s.last and s.flow]
    return "; ".join(f"{g} {s.state}" + (f" ({s.why})" if s.state == "dropped" else "") for g, s in shown)


def _row(c: Covered) -> dict[str, Any]:
    return {
        "iso3": c.iso3,
        "name": c.name,
        "member": c.member,
        "data": "no data" if c.no_data else "seen",
        "last_seen": str(c.last) if c.last else "no data",
        "groups": {name: _seen(seen) for name, seen in c.groups.items()},
        "sources": {seen.of: _seen(seen) for seen in c.sources},
        "documents_90_days": c.documents,
        "independent_origins_90_days": c.origins,
        "figures_on_violence": c.figures if c.figures else "no data",
        "gone": list(c.gone),
    }


def _seen(seen: Seen) -> dict[str, Any]:
    return {
        "last_seen": str(seen.last) if seen.last else "no data",
        "reports_90_days": seen.reports,
        "flow": seen.state,
        "windows": [
            {
                "days": w.days,
                "actual": w.actual,
                "expected": round(w.expected, 2) if w.expected is not None else None,
                "state": w.state.value,
                "why": w.why,
            }
            for w in seen.flow
        ],
    }
