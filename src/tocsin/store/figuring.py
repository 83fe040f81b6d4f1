"""Figures on a home: every casualty claim with its state, and a person's act on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tocsin.clock import as_of_end, now, today
from tocsin.errors import UnknownId
from tocsin.signals import held
from tocsin.signals.figures import Figure
from tocsin.signals.held import FigureAct, Standing
from tocsin.store.home import Home
from tocsin.store.lock import writing
from tocsin.store.withdrawing import taken_at

Step = Callable[[Standing, str, str, datetime], FigureAct]


class Figuring:
    """The figures of a live home, or of one replay in it, with what people did to them.

    `until` is the instant that a replay looks from. A replay has no acts: it holds nothing back.
    """

    def __init__(self, home: Home, replay: Home | None = None, until: datetime | None = None) -> None:
        self._home, self._made_in, self._until = home, replay or home, until

    def figures(self, iso3: str | None = None) -> list[Figure]:
        """Every figure as the coder of the newest turn read it, of one country or all."""
        turns, live = self._made_in.ledger.turns(), self._until is None
        where = {"coder_version": turns[0].body["coder_version"]} if turns else {}
        where |= {"iso3": iso3} if iso3 else {}
        until = self._until or as_of_end(today())
        found: list[Figure] = self._made_in.lake.read("figures", until, undated=live, where=where)
        return found

    def standings(self, iso3: str | None = None) -> list[Standing]:
        """The figures of one country or all, each with its state."""
        acts = self._home.figure_acts.known(now()) if self._until is None else []
        stands = held.standings(self.figures(iso3), [a for a in acts if iso3 in (None, a.of.iso3)])
        until = self._until or as_of_end(today())
        return held.taken_back(stands, taken_at(self._home, until, self._until is None))

    def hold(self, figure: str, by: str, reason: str = "") -> str:
        """Hold a figure back. Says what came of it."""
        return self._step(held.hold, figure, by, reason)

    def publish(self, figure: str, by: str, reason: str = "") -> str:
        """Publish a figure that was held or internal. Says what came of it."""
        return self._step(held.publish, figure, by, reason)

    def explain(self, figure: str, by: str, reason: str) -> str:
        """Say why a held figure stays held. Says what came of it."""
        return self._step(held.explain, figure, by, reason)

    def _step(self, step: Step, figure: str, by: str, reason: str) -> str:
        known = [name for name, _ in self._home.ledger.users()]
        if by not in known:
            raise UnknownId("user (tocsin users add NAME)", by, known)
        with writing(self._home.lock, f"an act of {by}"):
            every = {stand.figure.id: stand for stand in self.standings()}
            if figure not in every:
                raise UnknownId("figure", figure, every)
            act = step(every[figure], by, reason, now())
            self._home.figure_acts.add(act)
        return f"{figure}: {act.act} by {act.by} kept"
