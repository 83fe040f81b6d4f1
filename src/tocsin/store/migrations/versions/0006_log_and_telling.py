"""The public log with its heads, what is told to whom, and the revision under which somebody signed."""

import sqlalchemy as sa
from alembic import op

from tocsin.store.log import backfill

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("log", "heads", "dispatches", "attempts")


def _log() -> None:
    op.create_table(
        "log",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("ref", sa.String(120), nullable=False, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("leaf", sa.String(64), nullable=False),
    )
    op.create_table(
        "heads",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("authority", sa.String, nullable=False),
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("frontier", sa.String, nullable=False),
    )
    op.create_table(
        "keys",
        sa.Column("of", sa.String(200), primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )


def _telling() -> None:
    op.create_table(
        "dispatches",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("alarm_row", sa.String(80), nullable=False, index=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("recorded", sa.DateTime, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dispatch", sa.String(80), sa.ForeignKey("dispatches.id"), nullable=False, index=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )


def upgrade() -> None:
    """Make the tables, and log what is there already; a signature older than its revision number has 0."""
    op.add_column("signatures", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    _log()
    _telling()
    if op.get_context().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER keep_{table}_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
    backfill(op.get_bind())


def downgrade() -> None:
    """Facts are never removed."""
    raise NotImplementedError("restore a backup instead")
