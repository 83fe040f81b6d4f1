"""What people do to casualty figures: hold, publish, explain. Append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the triggers that keep it append-only (SQLite)."""
    op.create_table(
        "figure_acts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(80), nullable=False, unique=True),
        sa.Column("figure", sa.String(80), nullable=False, index=True),
        sa.Column("by", sa.String(80), sa.ForeignKey("users.name"), nullable=False),
        sa.Column("recorded", sa.DateTime, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )
    if op.get_context().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER keep_figure_acts_{act.lower()} BEFORE {act} ON figure_acts "
                "BEGIN SELECT RAISE(ABORT, 'figure_acts is append-only'); END"
            )


def downgrade() -> None:
    """Facts are never removed."""
    raise NotImplementedError("restore a backup instead")
