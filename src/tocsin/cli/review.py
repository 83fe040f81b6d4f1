"""tocsin review: what people say of the machine's readings, beside them."""

from __future__ import annotations

import json
from datetime import timedelta
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.home import opened, progress, tell
from tocsin.errors import NotAllowed, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.signals.signal import Signal
    from tocsin.signals.standing import Line, Standing

app = typer.Typer(
    help="Readings that people confirm or correct; the machine's reading stays beside.", no_args_is_help=True
)
By = Annotated[str, typer.Option("--by", help="Who reviews (tocsin users add NAME).")]
Why = Annotated[str, typer.Option("--reason", help="What the words show; a correction needs one.")]
LONGEST = 100
FIELDS = {
    "relevance": "none, context, signal or atrocity.",
    "factors": "All that the present situation shows, such as RF1,RF7; or none. Records only.",
    "time": "present, past, future or none; a claim also denied or hypothetical.",
    "countries": "Where it is, such as SSD,SDN or 'South Sudan'; or none. A claim has one.",
    "perpetrator": "state, nonstate, both, unclear or none.",
    "target": "The group harmed or at risk, in a few words. Records only.",
    "mitigation": "yes or no: a protective or preventive act is told of. Records only.",
    "indicator": "The indicator that the words show, such as 7.14. Claims only.",
}


@app.command("list")
def worth(
    place: Annotated[str | None, typer.Option(help="Only records about this place (ISO3).")] = None,
    unsure: Annotated[bool, typer.Option("--unsure", help="Only where there is doubt.")] = False,
    most: Annotated[int, typer.Option("--limit", min=1, help="At most so many lines.")] = 20,
) -> None:
    """What is worth reviewing first: near the cut, of high consequence, read differently by two."""
    from tocsin.assessment.figures import weights
    from tocsin.clock import now
    from tocsin.geography import country
    from tocsin.signals.worth import judged
    from tocsin.sources.record import beginning
    from tocsin.store.reviewing import Reviewing

    iso3 = country(place.upper()).iso3 if place else None
    with opened() as home:
        desk = Reviewing(home)
        found = desk.worth(now() - timedelta(days=weights().window_days))
        wanted = [w for w in found if (iso3 in (None, *w.reading.countries)) and (w.unsure or not unsure)]
        records = desk.records(w.reading.record for w in wanted[:most])
    for w in wanted[:most]:
        why = ", ".join(judged()["reasons"][reason] for reason in w.reasons)
        about = " ".join(w.reading.countries) or "no country"
        tell([f"{w.reading.record}  {w.reading.relevance:8} {w.reading.score:.2f}  {about}  ({why})"])
        tell([f"    {beginning(records[w.reading.record], LONGEST)}"])
    if len(wanted) > most:
        progress(f"{len(wanted) - most} more; see --limit")
    elif not wanted:
        progress("nothing waits for a review")


@app.command("show")
def show(
    record: Annotated[str, typer.Argument(help="A record (rec-...) or a claim (sig-...).")],
    text: Annotated[bool, typer.Option("--text", help="The whole text as well.")] = False,
) -> None:
    """The readings of a record by every coder version, people's words beside, and what later steps use."""
    from tocsin.signals.corrected import counted
    from tocsin.signals.standing import standing
    from tocsin.sources.record import beginning
    from tocsin.store.reviewing import Reviewing

    with opened() as home:
        desk = Reviewing(home)
        subject = desk.subject(record)
        told = desk.reviews(subject.record.id)
        readings, claims = desk.readings(subject.record.id), desk.claims(subject.record.id)
    tell([f"{subject.record.id}  {beginning(subject.record, LONGEST)}", f"  {subject.record.address}"])
    tell(["", *subject.record.text.splitlines()] if text else ["  the whole text: add --text"])
    for n, reading in enumerate(reversed(readings)):
        used = "used by later steps" if n == 0 else "beside or older, kept"
        tell(["", f"coder {reading.coder} {reading.coder_version} ({used})"])
        tell(_shown(standing(reading, told)))
        made = [c for c in claims if c.coder_version == reading.coder_version]
        now = counted(reading, made, told)
        for claim in made:
            tell([*_claim(claim), *_shown(standing(claim, told), now[claim.id].review)])
    if told:
        tell(["", "reviews, oldest first"])
    for r in told:
        about = f"{r.verdict} of {r.signal or 'the record'} ({r.coder} {r.coder_version})"
        tell([f"  {r.made:%Y-%m-%d}  {r.reviewer}: {about}{r.reason and ': '}{r.reason}"])


@app.command("confirm")
def confirm(target: str, by: By, reason: Why = "") -> None:
    """The reading of a record, or one claim, is right in every field."""
    from tocsin.store.reviewing import Reviewing

    with opened() as home:
        progress(Reviewing(home).confirm(target, by, reason))


@app.command("withdraw")
def withdraw(record: Annotated[str, typer.Argument(help="A record (rec-...).")], by: By, reason: Why) -> None:
    """Take a record back: it stays, none of its claims counts, and all that rests on it is flagged."""
    from tocsin.store.withdrawing import Withdrawing

    with opened() as home:
        progress(Withdrawing(home).withdraw(record, by, reason))


def correct(**given: Any) -> None:
    """Say what is otherwise in a reading, and why; the machine's reading stays beside."""
    from tocsin.signals.review import judgement
    from tocsin.store.reviewing import Reviewing

    subject, by, reason = (str(given.pop(name) or "") for name in ("subject", "by", "reason"))
    wrong = given.pop("wrong")
    says = judgement({name: text for name, text in given.items() if text is not None})
    if wrong and says.said():
        raise UserError("--wrong says that the claim is not there at all; leave the other fields out")
    with opened() as home:
        desk = Reviewing(home)
        done = desk.wrong(subject, by, reason) if wrong else desk.correct(subject, by, says, reason)
    progress(done)


def _signature() -> Signature:
    """The options of `correct`: who and why, and one a field that can be judged."""
    subject = Annotated[str, typer.Argument(help="A record (rec-...) or a claim (sig-...).")]
    wrong = Annotated[bool, typer.Option("--wrong", help="The claim is not in the words at all.")]
    named: list[tuple[str, Any, Any]] = [
        ("subject", subject, Parameter.empty),
        ("by", By, Parameter.empty),
        ("reason", Why, ""),
    ]
    named += [("wrong", wrong, False)]
    named += [(n, Annotated[str | None, typer.Option(f"--{n}", help=h)], None) for n, h in FIELDS.items()]
    kind = Parameter.POSITIONAL_OR_KEYWORD
    return Signature([Parameter(n, kind, annotation=a, default=d) for n, a, d in named])


correct.__signature__ = _signature()  # type: ignore[attr-defined]
app.command("correct")(correct)


@app.command("agreement")
def agreement() -> None:
    """How far reviewers agree on the records that two of them judged: Cohen's kappa, field by field."""
    from tocsin.signals.agreement import agreement as between
    from tocsin.store.reviewing import Reviewing

    with opened() as home:
        found = between(Reviewing(home).reviews())
    for a in found:
        kappa = "none (one answer throughout)" if a.kappa is None else f"{a.kappa:.2f}"
        who = f"{a.first} and {a.second}"
        tell([f"{who}  {a.field:11} records {a.records:4}  alike {a.alike:.2f}  kappa {kappa}"])
    if not found:
        progress("no two people have reviewed the same record yet")


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="A file of JSON lines. Inside the home, nothing is left out.")],
) -> None:
    """Reviewed records as training rows; texts that may not leave the home are left out, and counted."""
    from tocsin.store.reviewing import Reviewing

    if out.suffix not in (".jsonl", ".ndjson"):
        raise UserError(f"--out {out}: name a file that ends in .jsonl")
    with opened() as home:
        root, at = home.folder.resolve(), out.resolve()
        if at.is_relative_to(root / "lake") or at.is_relative_to(root / "replays"):
            raise NotAllowed(f"{out} lies among the home's own files; choose another folder")
        made = Reviewing(home).export(leaves=not at.is_relative_to(root))
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as file:
        out.chmod(0o600)
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in made.rows)
    progress(f"{len(made.rows)} rows written to {out}")
    for why, count in sorted(made.left_out.items()):
        progress(f"{count} left out: {why}")
    if made.left_out and not at.is_relative_to(root):
        progress(
            f"inside the home licence and sensitivity leave nothing out: --out {root}/training/rows.jsonl"
        )


def _shown(stand: Standing, now: str = "") -> Iterator[str]:
    from tocsin.framework import indicator

    for line in stand.lines:
        if line.field != "counts" or line.used is False:
            label = f"  {indicator(str(line.used)).label}" if line.field == "indicator" and line.used else ""
            yield f"    {line.field:11} {_text(line.machine):24} {_people(line)}{label}"
    by_record = f"; by the review of the record: {now}" if now not in ("", stand.review) else ""
    yield f"    review: {stand.review}{', reviewers differ' if stand.differ else ''}{by_record}"


def _people(line: Line) -> str:
    said = ", ".join(f"{s.reviewer}: {_text(s.value)}" for s in line.people)
    return f"{said}  -> {_text(line.used)} ({line.by})" if said else ""


def _claim(s: Signal) -> list[str]:
    return [f'  {s.id}  "{s.quote}"']


def _text(value: object) -> str:
    if value is None:
        return "not said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (" ".join(value) if isinstance(value, tuple) else str(value)) or "none"
