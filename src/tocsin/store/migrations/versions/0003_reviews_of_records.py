"""Reviews name the record they speak of; one of a whole record names no signal."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two columns. No version before this one wrote a review, so no row needs a value."""
    for name in ("id", "record"):
        op.add_column("reviews", sa.Column(name, sa.String(80), nullable=False, server_default=""))
    op.create_index("ix_reviews_id", "reviews", ["id"], unique=True)
    op.create_index("ix_reviews_record", "reviews", ["record"])


def downgrade() -> None:
    """Facts are never removed."""
    raise NotImplementedError("restore a backup instead")
