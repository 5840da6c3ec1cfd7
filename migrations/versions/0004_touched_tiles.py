"""The tiles a device touched on a day as one array in its row, instead of a row each.

Revises 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A tile's key as domain.coverage.pack_keys makes it in slot 0.
KEY = "((tx + 524288)::bigint << 20) | (ty + 524288)"


def upgrade() -> None:
    op.add_column(
        "device_day",
        sa.Column("tiles", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute(
        f"UPDATE device_day d SET tiles = t.keys FROM (SELECT device_id, day, array_agg({KEY}) AS keys FROM device_tile "
        "GROUP BY device_id, day) t WHERE t.device_id = d.device_id AND t.day = d.day"
    )
    op.drop_table("device_tile")


def downgrade() -> None:
    op.create_table(
        "device_tile",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ty", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_tile_device_id_device")),
        sa.PrimaryKeyConstraint("device_id", "day", "tx", "ty", name=op.f("pk_device_tile")),
    )
    op.create_index("ix_device_tile_tile", "device_tile", ["day", "tx", "ty"])
    op.execute(
        "INSERT INTO device_tile (device_id, day, tx, ty) SELECT device_id, day, ((key >> 20) & 1048575)::int - 524288, "
        "(key & 1048575)::int - 524288 FROM device_day CROSS JOIN LATERAL unnest(tiles) AS key"
    )
    op.drop_column("device_day", "tiles")
