"""Who sees what is asked once a statement, and what the closed loop still lacked.

Deputies see the cases of those they stand in for; whoever sees a case sees the photos of the inspection that found it; contracts are
shown with the ground they are of; tasks of inspections pass to other hands.

Revises 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"


def _ids(setting: str) -> str:
    """SQL: a list of ids, read and cast once a statement; the cast outside only says that ANY is given an array."""
    return f"((SELECT coalesce(nullif(current_setting('app.{setting}', true), ''), '{{}}')::int[])::int[])"


def _ids_each_row(setting: str) -> str:
    """SQL: as it was, the list cast for every row."""
    return f"((SELECT coalesce(nullif(current_setting('app.{setting}', true), ''), '{{}}'))::int[])"


ZONES, POINTS, STREETS, LEADERS, ABOVE = map(_ids, ("zones", "points", "streets", "leaders", "above"))
WAS_ZONES, WAS_POINTS, WAS_STREETS = map(_ids_each_row, ("zones", "points", "streets"))
LEADER, DEPARTMENT, ACCOUNT = (
    f"(SELECT nullif(current_setting('app.{name}', true), '')::int)"
    for name in ("leader", "department", "account")
)
CASE_SHOWN = "EXISTS (SELECT 1 FROM patrol_case c WHERE c.id = case_id)"
TASK_SHOWN = "EXISTS (SELECT 1 FROM inspection_task t WHERE t.id = task_id)"
CROSSING = "id IN (SELECT z.street_id FROM zone_street z JOIN zone_version v ON v.id = z.zone_version_id)"
WAS_HERE = "point_id IN (SELECT id FROM point) OR street_id IN (SELECT id FROM street)"
HERE = "EXISTS (SELECT 1 FROM point p WHERE p.id = point_id) OR EXISTS (SELECT 1 FROM street s WHERE s.id = street_id)"
CASE_OF = f"zone_id = ANY {ZONES} OR point_id = ANY {POINTS} OR street_id = ANY {STREETS}"
CASE_BY = f"department_id = {DEPARTMENT} OR reported_by = {ACCOUNT}"
PHOTO_OF = (
    f"by = {ACCOUNT} OR (case_id IS NOT NULL AND {CASE_SHOWN}) "
    "OR (check_in_id IS NOT NULL AND EXISTS (SELECT 1 FROM check_in c JOIN point p ON p.id = c.point_id WHERE c.id = check_in_id)) "
    f"OR (task_id IS NOT NULL AND {TASK_SHOWN}) "
    "OR (citizen_report_id IS NOT NULL AND EXISTS (SELECT 1 FROM citizen_report r WHERE r.id = citizen_report_id))"
)
# A photo of a finding is shown to whoever is shown the case that was made of it.
FOUND_SHOWN = (
    "EXISTS (SELECT 1 FROM inspection_result f JOIN patrol_case c ON c.id = f.case_id "
    "WHERE f.task_id = evidence.task_id AND f.item_id = evidence.item_id)"
)
# table → who sees a row of it beside those who see everything: from now on, and before.
POLICIES = {
    "zone_version": (f"zone_id = ANY {ZONES}", f"zone_id = ANY {WAS_ZONES}"),
    "gap": (f"zone_id = ANY {ZONES}", f"zone_id = ANY {WAS_ZONES}"),
    "point": (
        f"zone_id = ANY {ZONES} OR id = ANY {POINTS}",
        f"zone_id = ANY {WAS_ZONES} OR id = ANY {WAS_POINTS}",
    ),
    "street": (
        f"zone_id = ANY {ZONES} OR id = ANY {STREETS} OR {CROSSING}",
        f"zone_id = ANY {WAS_ZONES} OR id = ANY {WAS_STREETS} OR {CROSSING}",
    ),
    "wanted_stop": (f"zone_id = ANY {ZONES} OR {HERE}", f"zone_id = ANY {WAS_ZONES} OR {WAS_HERE}"),
    # Who answers for ground is told to whom the ground is shown; who answers above it, to whoever plans for a part of the city.
    "contract": (
        f"zone_id = ANY {ZONES} OR zone_id = ANY {ABOVE} OR {HERE}",
        f"zone_id = ANY {WAS_ZONES} OR point_id = ANY {WAS_POINTS} OR street_id = ANY {WAS_STREETS}",
    ),
    "patrol_case": (
        f"{CASE_OF} OR leader_id = ANY {LEADERS} OR {CASE_BY}",
        f"{CASE_OF} OR leader_id = {LEADER} OR {CASE_BY}",
    ),
    "inspection_result": (f"{TASK_SHOWN} OR (case_id IS NOT NULL AND {CASE_SHOWN})", TASK_SHOWN),
    "evidence": (f"{PHOTO_OF} OR (task_id IS NOT NULL AND {FOUND_SHOWN})", PHOTO_OF),
}
# A zone above one's own is named where it answers, and nothing else of it is shown.
NAME_ABOVE = f"""
CREATE FUNCTION name_above(wanted int, on_day date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text := current_setting('app.everything', true);
    found text;
BEGIN
    IF wanted IS NULL OR wanted <> ALL {ABOVE} THEN RETURN NULL; END IF;
    PERFORM set_config('app.everything', 'on', true);
    SELECT v.name INTO found FROM zone_version v WHERE v.zone_id = wanted
    ORDER BY daterange(v.valid_from, v.valid_to) @> on_day DESC, v.valid_from DESC NULLS LAST LIMIT 1;
    PERFORM set_config('app.everything', seen, true);
    RETURN found;
END $$;
"""


def upgrade() -> None:
    op.execute(NAME_ABOVE)
    for table, (policy, _) in POLICIES.items():
        _recreate(table, policy)
    op.create_table(
        "inspection_handover",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_inspection_handover_by_app_user")),
        sa.ForeignKeyConstraint(["from_id"], ["app_user.id"], name=op.f("fk_inspection_handover_from_id_app_user")),
        sa.ForeignKeyConstraint(["to_id"], ["app_user.id"], name=op.f("fk_inspection_handover_to_id_app_user")),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["inspection_task.id"],
            name=op.f("fk_inspection_handover_task_id_inspection_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_handover")),
    )
    for column in ("task_id", "from_id", "to_id", "by"):
        op.create_index(op.f(f"ix_inspection_handover_{column}"), "inspection_handover", [column])
    op.execute("ALTER TABLE inspection_handover ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE inspection_handover FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON inspection_handover USING ({EVERYTHING} OR {TASK_SHOWN})")


def downgrade() -> None:
    op.drop_table("inspection_handover")
    for table, (_, policy) in POLICIES.items():
        _recreate(table, policy)
    op.execute("DROP FUNCTION name_above(int, date)")


def _recreate(table: str, policy: str) -> None:
    op.execute(f"DROP POLICY scope ON {table}")
    op.execute(f"CREATE POLICY scope ON {table} USING ({EVERYTHING} OR {policy})")
