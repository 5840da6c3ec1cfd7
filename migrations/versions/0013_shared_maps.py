"""Links that show one map to whoever holds them.

Revises 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"
ACCOUNT = "(SELECT nullif(current_setting('app.account', true), '')::int)"


def upgrade() -> None:
    op.create_table(
        "shared_map",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_sha256", postgresql.BYTEA(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("shown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("people", sa.String(), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('leader', 'city')", name=op.f("ck_shared_map_kind_known")),
        sa.CheckConstraint("(kind = 'leader') = (leader_id IS NOT NULL)", name=op.f("ck_shared_map_leader_named")),
        sa.CheckConstraint("people IN ('none', 'names', 'phones')", name=op.f("ck_shared_map_people_known")),
        sa.CheckConstraint("ends_at > made_at", name=op.f("ck_shared_map_ends_later")),
        sa.CheckConstraint("length(secret_sha256) = 32", name=op.f("ck_shared_map_hashed")),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["leader.id"], name=op.f("fk_shared_map_leader_id_leader"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["app_user.id"], name=op.f("fk_shared_map_made_by_app_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_map")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_shared_map_secret_sha256")),
    )
    op.create_index(op.f("ix_shared_map_leader_id"), "shared_map", ["leader_id"])
    op.create_index(op.f("ix_shared_map_made_by"), "shared_map", ["made_by"])
    op.execute("ALTER TABLE shared_map ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE shared_map FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON shared_map USING ({EVERYTHING} OR made_by = {ACCOUNT})")


def downgrade() -> None:
    op.drop_table("shared_map")
