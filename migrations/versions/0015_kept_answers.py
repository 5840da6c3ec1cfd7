"""Coverage that pages ask for again and again is kept while nothing changes: the tables it is made of tell when they do.

Revises 0014.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (
    "check_in", "contract", "contract_role", "coverage_run", "coverage_tile", "coverage_week", "deputy", "exclusion", "exclusion_mask",
    "leader", "point_category", "tiny_zone_seen", "zone_level", "zone_mask",
)  # fmt: skip


def upgrade() -> None:
    """Tell of changes as the tables do that are served as features."""
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER note_table_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION note_table_change()"
        )


def downgrade() -> None:
    """Tell nothing of them."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER note_table_change ON {table}")
