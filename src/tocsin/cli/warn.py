"""tocsin warn: proposals, signatures and the alarms that stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import publish, raise_, text, what_if
from tocsin.cli import tell as telling
from tocsin.cli.home import lines, opened, progress, tell
from tocsin.errors import NotAllowed

if TYPE_CHECKING:
    from tocsin.store.home import Home

app = typer.Typer(help="Alarms: what is proposed, what stands, and who signs.", invoke_without_command=True)
Who = Annotated[str, typer.Option("--as", help="Who acts (tocsin users add NAME).")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept and printed.")]


@app.callback()
def show(
    context: typer.Context,
    replay: Annotated[
        str | None, typer.Option(help="A replay instead of the live home (tocsin check home lists them).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List the alarms: proposals first, then what was issued."""
    if context.invoked_subcommand:
        return
    from tocsin.alarms.console import lines as told
    from tocsin.geography import country
    from tocsin.signals.withdrawn import told as flag
    from tocsin.store.desk import Desk

    with opened() as home:
        desk = Desk(home, replay or "live")
        alarms = desk.alarms()
        flags = {id: flag(taken, named=True) for id, taken in desk.withdrawing.flags(alarms).items()}
    if as_json:
        lines(asdict(a) | {"withdrawn": flags.get(a.id, "")} for a in alarms)
    else:
        tell(told(alarms, {a.iso3: country(a.iso3).name for a in alarms}, flags))


@app.command("sign")
def sign(
    alarm: str,
    who: Who,
    why: Why = "",
    dissent: Annotated[bool, typer.Option("--dissent", help="A no; it needs --why.")] = False,
    revision: Annotated[
        int | None, typer.Option(help="Sign only if this revision is still the newest one.")
    ] = None,
) -> None:
    """Sign a proposal. Two distinct people who consent issue the alarm; a dissent is kept and printed."""
    from tocsin.acts import Acts

    with opened() as home:
        _refuse_replayed(home, alarm)
        progress(Acts(home).sign(alarm, who, not dissent, why, revision))


@app.command("override")
def override(alarm: str, who: Who, why: Why) -> None:
    """Issue with one signature. The name and the reason are shown with the alarm."""
    from tocsin.acts import Acts

    with opened() as home:
        _refuse_replayed(home, alarm)
        progress(Acts(home).override(alarm, who, why))


@app.command("refuse")
def refuse(alarm: str, who: Who, why: Why) -> None:
    """Refuse a proposal; the refusal and its reason are kept."""
    from tocsin.acts import Acts

    with opened() as home:
        _refuse_replayed(home, alarm)
        progress(Acts(home).refuse(alarm, who, why))


@app.command("cancel")
def cancel(alarm: str, who: Who, why: Why) -> None:
    """Take back an issued alarm that was wrong."""
    from tocsin.acts import Acts

    with opened() as home:
        _refuse_replayed(home, alarm)
        progress(Acts(home).cancel(alarm, who, why))


@app.command("close")
def close(alarm: str, who: Who, why: Why) -> None:
    """Close an issued alarm whose engagements are all closed."""
    from tocsin.acts import Acts

    with opened() as home:
        _refuse_replayed(home, alarm)
        progress(Acts(home).close(alarm, who, why))


@app.command("near")
def near(
    replay: Annotated[str | None, typer.Option(help="A replay instead of the live home.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The rules that came within a tenth of their threshold in the newest turn and did not fire."""
    with opened() as home:
        view = home.replay(replay) if replay else home
        turns = view.ledger.turns()
        missed = view.ledger.near_misses(turns[0].run) if turns else []
    if as_json:
        lines(asdict(m) for m in missed)
    else:
        tell(f"{m.iso3}  {m.level.value:8} {m.rule}: {m.measured:.4g} of {m.threshold:.4g}" for m in missed)


app.command("if")(what_if.what_if)
app.command("raise")(raise_.raise_)
app.command("text")(text.text)
app.command("tell")(telling.tell)
app.command("told")(telling.told)
app.command("hold")(telling.hold)
app.command("addresses")(telling.addresses)
app.command("notify")(telling.notify)
app.command("publish")(publish.publish)
app.command("key")(publish.key)
app.command("verify")(publish.verify)


def _refuse_replayed(home: Home, alarm: str) -> None:
    if any(a.id == alarm for a in home.ledger.alarms()):
        return
    for run in home.replays():
        replay = home.replay(run)
        try:
            if any(a.id == alarm for a in replay.ledger.alarms()):
                raise NotAllowed(f"{alarm} belongs to a replay ({run}); nothing in it can be signed")
        finally:
            replay.close()
