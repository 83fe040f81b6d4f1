"""tocsin follow: what was asked of whom, what is due, and why nothing was done."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.home import day, lines, opened, progress, tell

if TYPE_CHECKING:
    from tocsin.response.engagement import Engagement

app = typer.Typer(
    help="Engagements: what is due, answers, actions, and reasons for inaction.", invoke_without_command=True
)
REASONS = "competing_interest, complexity_or_risk, lack_of_capacity, no_appetite_cost_or_troops or other."
By = Annotated[str, typer.Option("--as", help="Who records it.")]


@app.callback()
def show(
    context: typer.Context,
    on: Annotated[str | None, typer.Option(help="Due on this day (default today).")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every engagement, not only what is due.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List what is due: answers that have not come, and reasons for inaction to be looked at again."""
    if context.invoked_subcommand:
        return
    from tocsin.clock import today
    from tocsin.response.follow import due

    with opened() as home:
        found = home.ledger.engagements()
    shown = found if every else due(found, day(on, "--on") or today())
    if as_json:
        lines(asdict(e) for e in shown)
        return
    tell(_line(e) for e in shown)
    if not shown:
        tell(["no engagement yet: none is opened before an alarm is issued" if every else "nothing is due"])


def _line(e: Engagement) -> str:
    what = f"review of '{e.inaction.value}'" if e.inaction else e.ask
    return f"{e.review_due or e.due}  {e.iso3}  {e.state.value:9} {e.body}, {e.role}: {what}  [{e.id}]"


@app.command("options")
def options(alarm: str) -> None:
    """Measures that fit an alarm's level and the factors seen, least coercive first, with side effects.

    They are options to weigh, never orders.
    """
    from tocsin.assessment.belief import Seen
    from tocsin.response.measures import suggest
    from tocsin.store.desk import Desk

    with opened() as home:
        standing = home.ledger.alarms(alarm)[-1]
        believed = Desk(home).assessments(standing.iso3)
    seen = [r.factor for a in believed for r in a.readings if r.seen is Seen.PRESENT]
    for m in suggest(standing.level, seen):
        met = ", ".join(f for f in m.factors if f in seen) or "none of the factors seen"
        tell([f"{m.id}  {m.name} ({m.horizon}; {met})", f"     side effect: {m.side_effect}"])


@app.command("answer")
def answer(
    engagement: str, text: Annotated[str, typer.Option(help="What the body replied.")], who: By
) -> None:
    """Record what a body replied."""
    from tocsin.acts import Acts

    with opened() as home:
        progress(Acts(home).answer(engagement, who, text))


@app.command("act")
def act(engagement: str, outcome: Annotated[str, typer.Option(help="What was done.")], who: By) -> None:
    """Close an engagement with what was done."""
    from tocsin.acts import Acts

    with opened() as home:
        progress(Acts(home).act(engagement, who, outcome))


@app.command("decline")
def decline(
    engagement: str,
    who: By,
    reason: Annotated[str, typer.Option(help=REASONS)],
    note: Annotated[str, typer.Option(help="Needed when the reason is 'other'.")] = "",
) -> None:
    """Close an engagement without an action; the reason is reviewed after 30 days."""
    from tocsin.acts import Acts
    from tocsin.response.follow import parse_inaction

    with opened() as home:
        progress(Acts(home).decline(engagement, who, parse_inaction(reason), note))


@app.command("reopen")
def reopen(
    engagement: str,
    who: By,
    due: Annotated[str, typer.Option(help="The day the answer is due: YYYY-MM-DD.")],
    ask: Annotated[str, typer.Option(help="What is asked now (default: what was asked).")] = "",
) -> None:
    """Ask once more after a reason for inaction was reviewed."""
    from tocsin.acts import Acts
    from tocsin.errors import UserError

    by = day(due, "--due")
    if by is None:
        raise UserError("--due is needed: YYYY-MM-DD")
    with opened() as home:
        progress(Acts(home).reopen(engagement, who, ask, by))


@app.command("uphold")
def uphold(
    engagement: str, who: By, note: Annotated[str, typer.Option(help="What the review found.")]
) -> None:
    """Keep a reason for inaction after its review; it is reviewed again after 30 days."""
    from tocsin.acts import Acts

    with opened() as home:
        progress(Acts(home).uphold(engagement, who, note))
