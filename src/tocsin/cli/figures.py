"""tocsin review figures: casualty figures as claimed, and what people hold back, publish or explain."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.home import lines, opened, progress, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tocsin.signals.held import Standing

app = typer.Typer(
    help="Casualty figures as claimed: hold back, publish, explain.", invoke_without_command=True
)
By = Annotated[str, typer.Option("--by", help="Who does it (tocsin users add NAME).")]
Figure = Annotated[str, typer.Argument(help="A figure (fig-...).")]


@app.callback()
def show(
    context: typer.Context,
    place: Annotated[str | None, typer.Option(help="Only about this place (ISO3).")] = None,
    held: Annotated[bool, typer.Option("--held", help="Only what is held back.")] = False,
    late: Annotated[
        bool, typer.Option("--late", help="Only what is held over seven days without a reason.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List the figures with who claims them; figures of one event stand beside each other, never summed.

    One held for longer than seven days without a reason is marked LATE: publish it, or explain.
    """
    if context.invoked_subcommand:
        return
    from tocsin.clock import today
    from tocsin.geography import country
    from tocsin.signals.held import State
    from tocsin.store.figuring import Figuring

    iso3, on = country(place.upper()).iso3 if place else None, today()
    with opened() as home:
        found = Figuring(home).standings(iso3)
    shown = [s for s in found if (s.state is State.HELD or not held) and (s.overdue(on) or not late)]
    if as_json:
        lines(_row(stand, on) for stand in shown)
        return
    for stand in shown:
        tell(_told(stand, on))
    if not shown:
        progress("no figure was read; that is not zero" if not (held or late) else "nothing is held so")


@app.command("hold")
def hold(
    figure: Figure,
    by: By,
    reason: Annotated[str, typer.Option(help="Why; without one it is flagged after seven days.")] = "",
) -> None:
    """Hold a figure back: its number and words leave the country page, that it is held does not."""
    from tocsin.store.figuring import Figuring

    with opened() as home:
        progress(Figuring(home).hold(figure, by, reason))


@app.command("publish")
def publish(figure: Figure, by: By, reason: Annotated[str, typer.Option(help="Why now.")] = "") -> None:
    """Publish a figure that was held, or that came from a source that is not public."""
    from tocsin.store.figuring import Figuring

    with opened() as home:
        progress(Figuring(home).publish(figure, by, reason))


@app.command("explain")
def explain(figure: Figure, by: By, reason: Annotated[str, typer.Option(help="Why it stays held.")]) -> None:
    """Say why a held figure stays held; the reason is shown wherever the figure would be."""
    from tocsin.store.figuring import Figuring

    with opened() as home:
        progress(Figuring(home).explain(figure, by, reason))


def _told(stand: Standing, on: date) -> Iterator[str]:
    from tocsin.signals.held import State

    f = stand.figure
    top = "or more" if f.high is None else f"to {f.high}" if f.high != f.low else ""
    marks = [word for word, said in (("denied", f.denied), ("part of a larger figure", f.part)) if said]
    who = f.claimant or "nobody named"
    count = " ".join(w for w in (str(f.low), top, f.unit) if w)
    yield f"{f.id}  {f.iso3 or '---'}  {f.kind:10} {count}  by {who} ({f.claimant_kind})  {', '.join(marks)}"
    yield f'    {f.happened.start if f.happened else "no date"}  "{f.quote}"  [{f.record}]'
    if stand.state is State.WITHDRAWN:
        yield f"    WITHDRAWN with its record by {stand.by} on {stand.since:%Y-%m-%d}: {stand.reason}"
    elif stand.since:
        why = stand.reason or "no reason given"
        late = "  LATE: publish it, or explain" if stand.overdue(on) else ""
        yield f"    held by {stand.by} since {stand.since:%Y-%m-%d}: {why}{late}"


def _row(stand: Standing, on: date) -> dict[str, object]:
    kept = {"state": str(stand.state), "held_by": stand.by, "held_since": stand.since}
    return asdict(stand.figure) | kept | {"reason": stand.reason, "late": stand.overdue(on)}
