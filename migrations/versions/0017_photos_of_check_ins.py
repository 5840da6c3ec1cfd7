"""Whoever is shown a case that was made of a check-in is shown the check-in's photos.

Revises 0016.
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"
ACCOUNT = "(SELECT nullif(current_setting('app.account', true), '')::int)"
WAS = (
    f"by = {ACCOUNT} OR (case_id IS NOT NULL AND EXISTS (SELECT 1 FROM patrol_case c WHERE c.id = case_id)) "
    "OR (check_in_id IS NOT NULL AND EXISTS (SELECT 1 FROM check_in c JOIN point p ON p.id = c.point_id WHERE c.id = check_in_id)) "
    "OR (task_id IS NOT NULL AND EXISTS (SELECT 1 FROM inspection_task t WHERE t.id = task_id)) "
    "OR (citizen_report_id IS NOT NULL AND EXISTS (SELECT 1 FROM citizen_report r WHERE r.id = citizen_report_id)) "
    "OR (task_id IS NOT NULL AND EXISTS (SELECT 1 FROM inspection_result f JOIN patrol_case c ON c.id = f.case_id "
    "WHERE f.task_id = evidence.task_id AND f.item_id = evidence.item_id))"
)
MADE_OF_IT = "(check_in_id IS NOT NULL AND EXISTS (SELECT 1 FROM patrol_case c WHERE c.check_in_id = evidence.check_in_id))"


def upgrade() -> None:
    _recreate(f"{WAS} OR {MADE_OF_IT}")


def downgrade() -> None:
    _recreate(WAS)


def _recreate(policy: str) -> None:
    op.execute("DROP POLICY scope ON evidence")
    op.execute(f"CREATE POLICY scope ON evidence USING ({EVERYTHING} OR {policy})")
