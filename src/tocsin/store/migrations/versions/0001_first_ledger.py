"""First ledger: turns, source runs, alarms, signatures, near misses, engagements, reviews, users, seals."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "turns",
    "source_runs",
    "alarms",
    "signatures",
    "near_misses",
    "engagements",
    "reviews",
    "seals",
)


def _revisions(name: str, *more: sa.Column[str]) -> None:
    op.create_table(
        name,
        sa.Column("row", sa.String(80), primary_key=True),
        sa.Column("id", sa.String(80), nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("iso3", sa.String(3), nullable=False, index=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("run", sa.String(80), nullable=False),
        sa.Column("recorded", sa.DateTime, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        *more,
        sa.UniqueConstraint("id", "revision"),
    )


def _logs() -> None:
    op.create_table(
        "turns",
        sa.Column("run", sa.String(80), primary_key=True),
        sa.Column("replay", sa.Boolean, nullable=False),
        sa.Column("as_of", sa.DateTime, nullable=False),
        sa.Column("ended", sa.DateTime, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )
    op.create_table(
        "source_runs",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(80), nullable=False, index=True),
        sa.Column("started", sa.DateTime, nullable=False),
        sa.Column("stopped", sa.String, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )
    op.create_table(
        "near_misses",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.String(80), nullable=False, index=True),
        sa.Column("iso3", sa.String(3), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("role", sa.String(80), nullable=False),
        sa.Column("recorded", sa.DateTime, nullable=False),
    )
    op.create_table(
        "signatures",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alarm", sa.String(80), nullable=False, index=True),
        sa.Column("signer", sa.String(80), sa.ForeignKey("users.name"), nullable=False),
        sa.Column("consents", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "reviews",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("signal", sa.String(80), nullable=False, index=True),
        sa.Column("reviewer", sa.String(80), sa.ForeignKey("users.name"), nullable=False),
        sa.Column("recorded", sa.DateTime, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )


def upgrade() -> None:
    """Make the tables, and the triggers that keep facts append-only (SQLite)."""
    _logs()
    _revisions("alarms")
    _revisions("engagements", sa.Column("alarm", sa.String(80), nullable=False, index=True))
    _people()
    op.create_table(
        "seals",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("chain", sa.String(64), nullable=False, unique=True),
        sa.Column("recorded", sa.DateTime, nullable=False),
    )
    if op.get_context().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER keep_{table}_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


def downgrade() -> None:
    """There is nothing before the first ledger."""
    raise NotImplementedError("restore a backup instead")
