"""Seals hold the hash of every row they seal. Older seals keep the form they were made in (schema 0)."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a seal without leaves is one of schema 0."""
    op.add_column("seals", sa.Column("body", sa.JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Facts are never removed."""
    raise NotImplementedError("restore a backup instead")
