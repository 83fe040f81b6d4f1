"""What readers of a page see of what was told: role, channel, day and state, and never an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.response.dispatch import Attempt, Channel, Dispatch, Standing, held, standing

WORDS = {
    Standing.OWED: "not told yet",
    Standing.WAITING: "not taken so far, will be tried again",
    Standing.TOLD: "told",
    Standing.DEAD: "not taken, given up: a person must look",
    Standing.DOUBT: "in doubt, may have arrived: a person must look",
}
PASSED = "not told before the alarm moved on"


@dataclass(frozen=True, slots=True)
class Line:
    """One message to a role. `on` is when its state was noted, None when nothing was tried.

    `by` and `why` name the person who held notice back or settled a doubt, and the reason.
    """

    body: str
    role: str
    channel: str
    revision: int
    said: str
    on: datetime | None
    by: str = ""
    why: str = ""
    loud: bool = False


def lines(
    dispatches: Sequence[Dispatch], steps: Mapping[str, Sequence[Attempt]], newest: int, at: datetime
) -> list[Line]:
    """One line for each dispatch of one alarm whose newest public revision is `newest`."""
    found = [_line(d, steps.get(d.id, ()), newest, at) for d in dispatches]
    return sorted((one for one in found if one), key=lambda line: (line.revision, line.body, line.role))


def _line(one: Dispatch, steps: Sequence[Attempt], newest: int, at: datetime) -> Line | None:
    last = steps[-1] if steps else None
    revision = int(one.row.rpartition(".")[2])
    if one.channel is Channel.NOTICE:
        back = held(steps)
        said = "notice held back"
        return Line(one.body, one.role, "", revision, said, back.at, back.by, back.note) if back else None
    where = standing(one.channel, steps, at)
    passed = revision < newest and not where.maybe_told
    why = last.note if last and last.by else ""
    return Line(
        body=one.body,
        role=one.role,
        channel=one.channel.value,
        revision=revision,
        said=PASSED if passed else WORDS[where],
        on=last.at if last else None,
        by=last.by if last else "",
        why=why,
        loud=where.loud and not passed,
    )
