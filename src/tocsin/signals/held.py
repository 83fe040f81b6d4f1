"""Publish or explain: figures that people hold back, for how long, and for what reason.

In 2009 figures of civilians killed in Sri Lanka were counted inside the United Nations and not published.
Here a figure from a public source is published from the start. One from a source that is not public is for
this desk alone until somebody publishes it. To hold a figure back is an act with a name: its number and its
words then leave the figures on the page of the country and in its JSON, where it is said instead that a
figure is held, by whom, since when and why. Nothing is deleted, and nothing else is hidden: the record, and
sentences quoted from it as signs of risk, stay readable. A figure held for longer than seven days without a
reason raises a flag until somebody publishes it or gives the reason.

A hold is of the claim, not of one coder's reading: it stays when a newer version reads the record again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from tocsin.errors import NotAllowed
from tocsin.evidence import content_id
from tocsin.signals.figures import Figure
from tocsin.signals.withdrawn import WITHDRAWN, Taken

DAYS = 7
"""A figure may be held for so many days without a reason."""


class Act(StrEnum):
    """What a person does to a figure."""

    HOLD = "hold"
    PUBLISH = "publish"
    EXPLAIN = "explain"


class State(StrEnum):
    """How a figure stands.

    published: shown to whoever may see the desk; internal: of a source that is not public; held; withdrawn:
    its record was taken back, and the figure stands for nothing any more.
    """

    PUBLISHED = "published"
    INTERNAL = "internal"
    HELD = "held"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class FigureAct:
    """One act of one person on a figure as it stood (`of`); never edited. `made` is when."""

    id: str
    of: Figure
    act: Act
    by: str
    reason: str
    made: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure with what people did to it.

    `since`, `by` and `reason` are of the hold or of the withdrawal, empty without one.
    """

    figure: Figure
    state: State
    since: datetime | None = None
    by: str = ""
    reason: str = ""
    acts: tuple[FigureAct, ...] = ()

    def overdue(self, on: date) -> bool:
        """Whether on that day it has been held for longer than seven days without a reason."""
        if self.since is None or self.reason:
            return False
        return on - self.since.date() > timedelta(days=DAYS)


def same_figure(one: Figure, other: Figure) -> bool:
    """Whether two figures are one claim, perhaps read by two coder versions: same record, kind, number."""
    if one.id == other.id:
        return True
    overlap = one.start < other.end and other.start < one.end
    return overlap and (one.record, one.kind, one.best) == (other.record, other.kind, other.best)


def standing(figure: Figure, acts: Iterable[FigureAct]) -> Standing:
    """A figure beside the acts on it, given in the order in which they were made."""
    made = sorted((a for a in acts if same_figure(a.of, figure)), key=lambda a: a.made)
    public = figure.sensitivity in ("", "public")
    at = Standing(figure, State.PUBLISHED if public else State.INTERNAL, acts=tuple(made))
    for act in made:
        if act.act is Act.PUBLISH:
            at = Standing(figure, State.PUBLISHED, acts=at.acts)
        elif act.act is Act.HOLD:
            at = Standing(figure, State.HELD, act.made, act.by, act.reason, at.acts)
        elif at.state is State.HELD:
            at = Standing(figure, State.HELD, at.since, at.by, act.reason, at.acts)
    return at


def standings(figures: Iterable[Figure], acts: Sequence[FigureAct]) -> list[Standing]:
    """Every figure beside its acts, and those that were acted on and are no longer read by the coder."""
    by_record: dict[str, list[FigureAct]] = {}
    for act in acts:
        by_record.setdefault(act.of.record, []).append(act)
    found = [standing(f, by_record.get(f.record, ())) for f in figures]
    covered = {act.id for stand in found for act in stand.acts}
    lost: list[Standing] = []
    for act in acts:
        if act.id not in covered:
            lost.append(standing(act.of, by_record[act.of.record]))
            covered |= {a.id for a in lost[-1].acts}
    return found + lost


def taken_back(stands: Iterable[Standing], taken: Mapping[str, Taken]) -> list[Standing]:
    """The same, those of withdrawn records marked so, whatever people did to them before."""
    gone = {record: back for record, back in taken.items() if back.how == WITHDRAWN}
    return [_withdrawn(s, gone[s.figure.record]) if s.figure.record in gone else s for s in stands]


def _withdrawn(stand: Standing, back: Taken) -> Standing:
    return replace(stand, state=State.WITHDRAWN, since=back.on, by=back.by, reason=back.why)


def overdue(figures: Iterable[Figure], acts: Sequence[FigureAct], on: date) -> list[Standing]:
    """The figures that on that day are held for longer than seven days without a reason, longest first."""
    late = [stand for stand in standings(figures, acts) if stand.overdue(on)]
    return sorted(late, key=lambda stand: (str(stand.since), stand.figure.id))


def hold(at: Standing, by: str, reason: str, made: datetime) -> FigureAct:
    """Hold a figure back; the reason may follow within seven days. Raises NotAllowed when it is held."""
    if at.state is State.HELD:
        raise NotAllowed(f"{at.figure.id} is held already, by {at.by} since {at.since:%Y-%m-%d}")
    return _act(at, Act.HOLD, by, reason, made)


def publish(at: Standing, by: str, reason: str, made: datetime) -> FigureAct:
    """Publish a figure that was held or internal. Raises NotAllowed when it is published already."""
    if at.state is State.PUBLISHED:
        raise NotAllowed(f"{at.figure.id} is published already")
    return _act(at, Act.PUBLISH, by, reason, made)


def explain(at: Standing, by: str, reason: str, made: datetime) -> FigureAct:
    """Say why a held figure stays held. Raises NotAllowed without a reason, or when it is not held."""
    if at.state is not State.HELD:
        raise NotAllowed(f"{at.figure.id} is {at.state}, not held; there is nothing to explain")
    if not reason.strip():
        raise NotAllowed("an explanation needs a reason; say why the figure stays held")
    return _act(at, Act.EXPLAIN, by, reason, made)


def _act(at: Standing, act: Act, by: str, reason: str, made: datetime) -> FigureAct:
    by, reason = " ".join(by.split()), " ".join(reason.split())
    if not by:
        raise NotAllowed("an act on a figure needs the name of who does it")
    key = content_id("fac", at.figure.id, act.value, by, made.isoformat())
    return FigureAct(key, at.figure, act, by, reason, made)
