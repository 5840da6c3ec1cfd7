"""Calendar weeks of coverage beside the days, so that a month reads a quarter of the bitmaps.

Revises 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coverage_week",
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("tx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ty", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bits", postgresql.BIT(length=65536), nullable=False),
        sa.PrimaryKeyConstraint("monday", "tx", "ty", name=op.f("pk_coverage_week")),
    )
    op.execute(
        "DO $$ BEGIN ALTER TABLE coverage_week ALTER COLUMN bits SET COMPRESSION lz4; "
        "EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN NULL; END $$"
    )
    op.execute(
        "INSERT INTO coverage_week (monday, tx, ty, bits) "
        "SELECT date_trunc('week', day)::date, tx, ty, bit_or(bits) FROM coverage_tile GROUP BY 1, 2, 3"
    )


def downgrade() -> None:
    op.drop_table("coverage_week")
