"""tocsin warn tell, told, hold, addresses and notify: who hears of an alarm, and whether they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.home import lines, opened, progress
from tocsin.cli.home import tell as say
from tocsin.errors import NotAllowed, UnknownId, UserError

if TYPE_CHECKING:
    from tocsin.store.home import Home
    from tocsin.store.letters import Letters
    from tocsin.store.outbox import Outbox, Told, Word

Who = Annotated[str, typer.Option("--as", help="Who acts (tocsin users add NAME).")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept and shown.")]
AsJson = Annotated[bool, typer.Option("--json")]


def tell(
    send: Annotated[
        bool, typer.Option("--send", help="Send it. Without this nothing leaves the house.")
    ] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="With --send: also what waits to be tried again.")
    ] = False,
    again: Annotated[
        str, typer.Option(help="Id of a dead or doubtful message that is to be sent again.")
    ] = "",
    settled: Annotated[str, typer.Option(help="Id of one that arrived, or that needs nothing more.")] = "",
    who: Who = "",
    why: Why = "",
) -> None:
    """Show what would go to whom, in which language and scope, and by which mandate; with --send, send it.

    The text itself is shown by: tocsin warn text.
    """
    with opened() as home:
        outbox = _outbox(home)
        if again or settled:
            _step_in(home, outbox, (again, settled), _word(home, who, why))
        elif send:
            _send(home, outbox, at_once)
        else:
            _show(outbox)


def told(
    alarm: Annotated[str | None, typer.Argument(help="One alarm; all without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """What was told to whom, what failed, what is a dead letter, and what is in doubt."""
    from tocsin.clock import now

    with opened() as home:
        outbox = _outbox(home)
        if alarm:
            home.ledger.alarms(alarm)
        found = outbox.account(now(), alarm)
        held = [(key, step) for key, step in outbox.held().items() if alarm in (None, key[0])]
    if as_json:
        lines(
            [
                *map(_row, found),
                *(
                    {"alarm": a, "recipient": r, "standing": "held back", "by": s.by, "why": s.note}
                    for (a, r), s in held
                ),
            ]
        )
    else:
        say([*(_line(t) for t in found), *(f"{a}  {r}: held back by {s.by}: {s.note}" for (a, r), s in held)])
    _loud(found)


def hold(
    alarm: str,
    role: Annotated[str, typer.Option(help="A role of a state, such as state-mission-BDI.")],
    who: Who,
    why: Why,
    let_go: Annotated[bool, typer.Option("--release", help="Let notice go that was held back.")] = False,
) -> None:
    """Hold notice of an alarm to a state back, where it would endanger who spoke; recorded and shown."""
    from tocsin.store import outbox as rules

    with opened() as home:
        newest = home.ledger.alarms(alarm)[-1]
        act = rules.release if let_go else rules.hold
        with _alone(home):
            act(_outbox(home), newest, role, _word(home, who, why))
    progress(f"notice of {alarm} to {role} is {'let go' if let_go else 'held back'}")


def addresses(as_json: AsJson = False) -> None:
    """Which roles an alarm in force would reach, and which have no address here."""
    from tocsin.alarms.issued import issued
    from tocsin.recipients import keys
    from tocsin.store.outbox import roles

    with opened() as home:
        outbox = _outbox(home)
        histories = outbox.routed()
    wanted = {r.key for h in histories for a in issued(h)[-1:] for r in roles(a)}
    every = sorted({k for k in keys() if not k.endswith("-ISO3")} | wanted | set(outbox.addresses))
    ways = {k: Counter(w.channel.value for w in outbox.addresses[k].ways) for k in outbox.addresses}
    if as_json:
        lines({"role": k, "ways": dict(ways.get(k, {})), "needed": k in wanted} for k in every)
    else:
        none = {True: "none, and an alarm needs it", False: "none"}
        say(f"{k}: {_ways(ways[k]) if k in ways else none[k in wanted]}" for k in every)


def notify(
    send: Annotated[
        bool, typer.Option("--send", help="Send it to the channels of TOCSIN_ADMIN_URLS.")
    ] = False,
) -> None:
    """What administrators are told: dead letters, doubts and sources that are down; ids and counts alone."""
    from tocsin.clock import now
    from tocsin.net.admin import notify as notice

    with opened() as home:
        found = _outbox(home).account(now())
        down = [source for source, wrong in home.sources.health().items() if wrong]
    said = _notice(found, down)
    say(said or ["Nothing to tell administrators."])
    if send and said:
        progress(f"sent to {notice('Tocsin', chr(10).join(said))} channel(s)")


def _outbox(home: Home) -> Outbox:
    from tocsin.response.addresses import read
    from tocsin.settings import settings
    from tocsin.store.outbox import Outbox

    return Outbox(home.ledger.engine, read(home.folder, frozenset(h.lower() for h in settings().allow_hosts)))


def _letters(home: Home, outbox: Outbox) -> Letters:
    from tocsin.alarms.issued import checked_sender
    from tocsin.settings import settings
    from tocsin.store.letters import Letters

    found = settings()
    sender = found.contact or found.smtp.sender
    if not sender:
        raise UserError("nobody is named who tells; set TOCSIN_CONTACT or TOCSIN_SMTP_FROM")
    return Letters(home, outbox, checked_sender(sender), found.public_url)


def _show(outbox: Outbox) -> None:
    from tocsin.clock import now

    every = outbox.account(now())
    found = [t for t in every if not t.lapsed and not t.standing.maybe_told]
    say(map(_line, found))
    progress(f"{len(found)} message(s) owed. This is a dry run: nothing was sent (tocsin warn tell --send)")
    for alarm, missing in _unreached(outbox).items():
        progress(f"{alarm}: no address for {', '.join(missing)}")
    for (alarm, role), step in outbox.held().items():
        progress(f"{alarm}: notice to {role} is held back by {step.by}: {step.note}")
    _routed(outbox)
    _loud(every)


def _send(home: Home, outbox: Outbox, at_once: bool) -> None:
    from tocsin.clock import now
    from tocsin.store.sending import Sender

    sent = Sender(home, outbox, _letters(home, outbox)).send(at_once)
    found = outbox.account(now())
    mine = [t for t in found if t.dispatch.id in sent.steps]
    say(map(_line, mine))
    for channel, why in sent.halted.items():
        progress(f"{channel} is left for later: {why}")
    counts = Counter(t.standing.value for t in mine)
    progress(f"{sum(counts.values())} tried: {_ways(counts)}")
    _tell_administrators([t for t in mine if t.loud])
    _routed(outbox)
    _loud(found)
    late = [t for t in found if not t.lapsed and not t.loud and not t.standing.maybe_told]
    if late:
        raise UserError(
            f"{len(late)} message(s) are owed and not told yet; run tocsin warn tell --send again"
        )


def _tell_administrators(loud: list[Told]) -> None:
    from tocsin.errors import TocsinError
    from tocsin.net.admin import channels_set
    from tocsin.net.admin import notify as notice

    if not loud or not channels_set():
        return
    try:
        notice("Tocsin", "\n".join(_notice(loud, [])))
    except TocsinError as error:
        progress(f"administrators were not told: {error}")


def _notice(found: Iterable[Told], down: list[str]) -> list[str]:
    """Counts and ids, and never what an alarm says or whom it is about."""
    by: dict[str, list[str]] = {}
    for one in found:
        if one.loud:
            by.setdefault(one.standing.value, []).append(one.dispatch.id)
    said = [f"{len(ids)} message(s) {standing}: {', '.join(ids)}" for standing, ids in sorted(by.items())]
    return [*said, *([f"{len(down)} source(s) down: {', '.join(sorted(down))}"] if down else [])]


def _loud(found: Iterable[Told]) -> None:
    loud = [t for t in found if t.loud]
    if loud:
        counts = Counter(t.standing.value for t in loud)
        raise UserError(
            f"a person must look at {_ways(counts)}: {', '.join(t.dispatch.id for t in loud)}; "
            "say tocsin warn tell --again ID or --settled ID, --as WHO --why WHY"
        )


def _routed(outbox: Outbox) -> None:
    if missing := outbox.unrouted():
        raise UserError(f"nobody is responsible, and nobody was told: {'; '.join(missing)}")


def _step_in(home: Home, outbox: Outbox, ids: tuple[str, str], word: Word) -> None:
    from tocsin.response.dispatch import Step
    from tocsin.store.outbox import step_in

    again, settled = ids
    if again and settled:
        raise UserError("give --again or --settled, not both")
    with _alone(home):
        step_in(outbox, again or settled, Step.AGAIN if again else Step.SETTLED, word)
    progress(f"{again} will be sent again by --send" if again else f"{settled} is settled")


def _alone(home: Home) -> Any:
    from tocsin.store.sending import sending_lock

    return sending_lock(home)


def _word(home: Home, who: str, why: str) -> Word:
    from tocsin.clock import now
    from tocsin.store.outbox import Word

    known = [name for name, _ in home.ledger.users()]
    if not who:
        raise NotAllowed("nobody is named; give --as WHO and --why WHY")
    if who not in known:
        raise UnknownId("user (tocsin users add NAME)", who, known)
    return Word(who, why, now())


def _unreached(outbox: Outbox) -> dict[str, list[str]]:
    """Alarms in force with the roles that hear of them and have no address here."""
    from tocsin.alarms.alarm import Level
    from tocsin.alarms.issued import issued, stands
    from tocsin.clock import today
    from tocsin.store.outbox import roles

    found = {}
    for alarm in (a for h in outbox.routed() for a in issued(h)[-1:] if stands(a, today())):
        hearing = [r.key for r in roles(alarm) if alarm.level.step >= Level(r.hears).step]
        found[alarm.id] = [key for key in hearing if key not in outbox.addresses]
    return {id: missing for id, missing in found.items() if missing}


def _row(one: Told) -> dict[str, Any]:
    steps: Iterator[dict[str, Any]] = ({**asdict(a), "step": a.step.value} for a in one.attempts)
    kept = [{k: s[k] for k in ("step", "at", "note", "by")} for s in steps]
    standing = "lapsed" if one.lapsed else one.standing.value
    return {**asdict(one.dispatch), "standing": standing, "attempts": kept}


def _line(one: Told) -> str:
    d = one.dispatch
    standing = "no longer owed" if one.lapsed else one.standing.value
    note = f" ({one.last.note})" if one.last and one.last.note else ""
    ends = ", an end" if d.end else ""
    return (
        f"{d.id}  {d.row}{ends}  {d.recipient} by {d.channel.value} to {d.address}, {d.language}, "
        f"{d.scope.value.lower()}: {standing}{note}. {d.body}; {d.why}"
    )


def _ways(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
