"""Leaders ask for patrols of blind spots and points; every step of what comes of it is kept.

Revises 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"
ACCOUNT = "(SELECT nullif(current_setting('app.account', true), '')::int)"


def _ids(setting: str) -> str:
    """SQL: a list of ids, read and cast once a statement; the cast outside only says that ANY is given an array."""
    return f"((SELECT coalesce(nullif(current_setting('app.{setting}', true), ''), '{{}}')::int[])::int[])"


SHOWN = f"zone_id = ANY {_ids('zones')} OR point_id = ANY {_ids('points')} OR asked_by = {ACCOUNT}"
REQUEST_SHOWN = "EXISTS (SELECT 1 FROM patrol_request r WHERE r.id = request_id)"
POLICIES = {"patrol_request": SHOWN, "patrol_request_step": REQUEST_SHOWN}


def upgrade() -> None:
    op.create_table(
        "patrol_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'asked'"), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=True),
        sa.Column("ground", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=True),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("days_unseen", sa.Integer(), nullable=True),
        sa.Column("period", sa.SmallInteger(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('gap', 'point')", name=op.f("ck_patrol_request_kind_known")),
        sa.CheckConstraint(
            "state IN ('asked', 'wanted', 'declined', 'seen')", name=op.f("ck_patrol_request_state_known")
        ),
        sa.CheckConstraint(
            "CASE kind WHEN 'gap' THEN ground IS NOT NULL ELSE point_id IS NOT NULL END",
            name=op.f("ck_patrol_request_one_place"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["app_user.id"], name=op.f("fk_patrol_request_asked_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["point.id"], name=op.f("fk_patrol_request_point_id_point"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["wanted_id"],
            ["wanted_stop.id"],
            name=op.f("fk_patrol_request_wanted_id_wanted_stop"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zone.id"], name=op.f("fk_patrol_request_zone_id_zone"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_request")),
    )
    for column in ("asked_by", "point_id", "state", "wanted_id", "zone_id"):
        op.create_index(op.f(f"ix_patrol_request_{column}"), "patrol_request", [column])
    op.create_table(
        "patrol_request_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "step IN ('asked', 'wanted', 'declined', 'seen')", name=op.f("ck_patrol_request_step_step_known")
        ),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_patrol_request_step_by_app_user")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["patrol_request.id"],
            name=op.f("fk_patrol_request_step_request_id_patrol_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_request_step")),
    )
    for column in ("by", "request_id"):
        op.create_index(op.f(f"ix_patrol_request_step_{column}"), "patrol_request_step", [column])
    for table, policy in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING ({EVERYTHING} OR {policy})")


def downgrade() -> None:
    op.drop_table("patrol_request_step")
    op.drop_table("patrol_request")
