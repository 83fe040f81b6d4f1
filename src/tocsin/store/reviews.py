"""What people said of the machine's readings: append-only rows, read as of an instant."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tocsin.evidence import canonical
from tocsin.signals.review import Review
from tocsin.store.ledger import utc, writing_session
from tocsin.store.models import ReviewRow
from tocsin.store.rows import from_row, to_row


class ReviewLog:
    """Reads and writes of reviews in the ledger behind `engine`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(self, review: Review) -> None:
        """Write one review. Raises NotAllowed when the reviewer is not a user, or it is there already."""
        with writing_session(self.engine) as session:
            session.add(
                ReviewRow(
                    id=review.id,
                    record=review.record,
                    signal=review.signal,
                    reviewer=review.reviewer,
                    recorded=utc(review.made),
                    body=json.loads(canonical(to_row(review))),
                )
            )

    def known(self, as_of: datetime, record: str | None = None) -> list[Review]:
        """The reviews made until `as_of`, of one record or all, oldest first."""
        asked = select(ReviewRow).where(ReviewRow.recorded <= utc(as_of)).order_by(ReviewRow.seq)
        if record is not None:
            asked = asked.where(ReviewRow.record == record)
        with Session(self.engine) as session:
            return [from_row(Review, row.body) for row in session.scalars(asked)]
