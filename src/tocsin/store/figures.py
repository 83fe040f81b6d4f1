"""What people did to casualty figures: append-only rows of the ledger, read as of an instant."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tocsin.evidence import canonical
from tocsin.signals.held import FigureAct
from tocsin.store.ledger import utc, writing_session
from tocsin.store.models import FigureActRow
from tocsin.store.rows import from_row, to_row


class FigureActs:
    """Reads and writes of acts on figures in the ledger behind `engine`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(self, act: FigureAct) -> None:
        """Write one act. Raises NotAllowed when its author is not a user, or it is there already."""
        body = json.loads(canonical(to_row(act)))
        row = FigureActRow(id=act.id, figure=act.of.id, by=act.by, recorded=utc(act.made), body=body)
        with writing_session(self.engine) as session:
            session.add(row)

    def known(self, as_of: datetime) -> list[FigureAct]:
        """The acts made until `as_of`, oldest first."""
        asked = select(FigureActRow).where(FigureActRow.recorded <= utc(as_of)).order_by(FigureActRow.seq)
        with Session(self.engine) as session:
            return [from_row(FigureAct, row.body) for row in session.scalars(asked)]
