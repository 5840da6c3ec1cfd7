"""The closed loop: cases with their steps and clocks, inspections, evidence, orders, reports, and who stands in for whom.

Revises 0008.
"""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"
# Read once a statement, inside the SELECT; the cast outside only says that ANY is given an array, and costs nothing.
ZONES = "((SELECT coalesce(nullif(current_setting('app.zones', true), ''), '{}')::int[])::int[])"
POINTS = "((SELECT coalesce(nullif(current_setting('app.points', true), ''), '{}')::int[])::int[])"
STREETS = "((SELECT coalesce(nullif(current_setting('app.streets', true), ''), '{}')::int[])::int[])"
DEPARTMENT = "(SELECT nullif(current_setting('app.department', true), '')::int)"
LEADER = "(SELECT nullif(current_setting('app.leader', true), '')::int)"
ACCOUNT = "(SELECT nullif(current_setting('app.account', true), '')::int)"
CASE_SHOWN = "EXISTS (SELECT 1 FROM patrol_case c WHERE c.id = case_id)"
# table → who sees a row of it, beside those who see everything. What one reported, inspects or handles oneself is shown.
POLICIES = {
    "patrol_case": f"zone_id = ANY {ZONES} OR point_id = ANY {POINTS} OR street_id = ANY {STREETS} "
    f"OR leader_id = {LEADER} OR department_id = {DEPARTMENT} OR reported_by = {ACCOUNT}",
    "case_step": CASE_SHOWN,
    "case_clock": CASE_SHOWN,
    "case_request": CASE_SHOWN,
    "deadline_move": "EXISTS (SELECT 1 FROM case_clock k WHERE k.id = clock_id)",
    # A leader hears of an inspection when it is done; whoever plans for a part of the city sees what is planned there.
    "inspection_task": f"inspector_id = {ACCOUNT} OR EXISTS (SELECT 1 FROM point p WHERE p.id = point_id "
    f"AND (done_at IS NOT NULL OR ({LEADER} IS NULL AND p.zone_id = ANY {ZONES})))",
    "inspection_result": "EXISTS (SELECT 1 FROM inspection_task t WHERE t.id = task_id)",
    # A leader answers for ground, not for who told of it.
    "citizen_report": f"zone_id = ANY {ZONES} AND {LEADER} IS NULL",
    "evidence": f"by = {ACCOUNT} OR (case_id IS NOT NULL AND {CASE_SHOWN}) "
    "OR (check_in_id IS NOT NULL AND EXISTS (SELECT 1 FROM check_in c JOIN point p ON p.id = c.point_id WHERE c.id = check_in_id)) "
    "OR (task_id IS NOT NULL AND EXISTS (SELECT 1 FROM inspection_task t WHERE t.id = task_id)) "
    "OR (citizen_report_id IS NOT NULL AND EXISTS (SELECT 1 FROM citizen_report r WHERE r.id = citizen_report_id))",
    "supervision_order": f"department_id = {DEPARTMENT} OR leader_id = {LEADER} OR (case_id IS NOT NULL AND {CASE_SHOWN}) "
    f"OR recipients @> jsonb_build_array(jsonb_build_object('leader_id', {LEADER}))",
}
# What happened is never rewritten.
APPEND_ONLY = """
CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER history_refuse BEFORE UPDATE OR DELETE ON case_step FOR EACH ROW EXECUTE FUNCTION history_refuse();
CREATE TRIGGER history_refuse BEFORE UPDATE OR DELETE ON deadline_move FOR EACH ROW EXECUTE FUNCTION history_refuse();
"""
FROZEN = """
CREATE FUNCTION report_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NULL THEN RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END IF;
    IF TG_OP = 'UPDATE' AND (NEW.kind, NEW.from_on, NEW.to_on, NEW.number, NEW.formula_id, NEW.content, NEW.inputs_sha256, NEW.remarks,
                             NEW.made_at, NEW.published_at)
        IS NOT DISTINCT FROM (OLD.kind, OLD.from_on, OLD.to_on, OLD.number, OLD.formula_id, OLD.content, OLD.inputs_sha256, OLD.remarks,
                              OLD.made_at, OLD.published_at) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a published report stands still';
END $$;
CREATE TRIGGER report_frozen BEFORE UPDATE OR DELETE ON report FOR EACH ROW EXECUTE FUNCTION report_frozen();
"""
# Whatever may make an order fall due puts its case before the next look at orders.
WATCH_CLOCKS = """
CREATE FUNCTION watch_clocks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_watch (case_id) SELECT DISTINCT case_id FROM touched WHERE stage = 'handle' ORDER BY case_id
    ON CONFLICT (case_id) DO UPDATE SET look_at = 'epoch';
    RETURN NULL;
END $$;
CREATE TRIGGER watch_new AFTER INSERT ON case_clock REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION watch_clocks();
CREATE TRIGGER watch_changed AFTER UPDATE ON case_clock REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION watch_clocks();
"""
WATCH_STEPS = """
CREATE FUNCTION watch_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_watch (case_id) SELECT DISTINCT case_id FROM touched WHERE action = 'rework' ORDER BY case_id
    ON CONFLICT (case_id) DO UPDATE SET look_at = 'epoch';
    RETURN NULL;
END $$;
CREATE TRIGGER watch_new AFTER INSERT ON case_step REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION watch_steps();
"""
# code, names, clock, how much of it handling may take, the role that answers for it on its ground, weight
CASE_KINDS = (
    ("ad", "违规广告与小广告", "Illegal advertising and stickers", "working_days", 1, "urban_management", 1),
    ("construction", "工地围挡与扬尘", "Building sites: fences and dust", "working_days", 1, "urban_management", 2),
    ("drain", "排水不畅与污水外溢", "Blocked drains and sewage", "working_hours", 8, "sanitation", 2),
    ("facility", "公共设施损坏", "Damaged public facilities", "working_days", 3, "urban_management", 1.5),
    ("fire", "消防通道占用与消防隐患", "Blocked fire lanes and fire hazards", "urgent_hours", 2, "community_cadre", 3),
    ("food", "餐饮卫生与食品安全", "Food hygiene and safety", "working_days", 1, "market_regulation", 2),
    ("greening", "绿化破坏与黄土裸露", "Damaged greenery and bare ground", "natural_days", 7, "urban_management", 1),
    ("illegal_building", "违法搭建", "Illegal building", "natural_days", 15, "urban_management", 2),
    ("manhole", "井盖缺失与破损", "Missing or broken manhole covers", "urgent_hours", 4, "urban_management", 3),
    ("minors", "接纳未成年人上网", "Minors let into internet cafés", "working_hours", 4, "market_regulation", 3),
    ("order", "秩序混乱", "Disorder in queues, stations and halls", "working_hours", 4, "community_cadre", 1),
    ("parking", "车辆乱停放", "Vehicles parked out of place", "working_hours", 4, "traffic_police", 1),
    ("propaganda", "公益广告缺失与破损", "Missing or damaged public notices", "working_days", 2, "community_cadre", 1),
    ("rubbish", "暴露垃圾与积存垃圾", "Exposed and piled-up rubbish", "working_hours", 4, "sanitation", 1.5),
    ("service", "窗口服务不规范", "Poor service at public windows", "working_days", 2, "community_cadre", 1),
    ("smoking", "禁烟场所吸烟", "Smoking where it is forbidden", "working_hours", 2, "market_regulation", 1),
    ("stall", "占道经营与店外经营", "Stalls and shops on the pavement", "working_hours", 4, "urban_management", 1),
    ("wires", "线缆垂落与乱拉", "Hanging and tangled wires", "urgent_hours", 8, "community_cadre", 2),
)  # fmt: skip
# kind, share of the deadline that is gone, reworks, repeats, to whom, working hours to reply in
ORDER_RULES = (
    ("reminder", "0.7", "NULL", "NULL", '["department"]', 8),
    ("green", "1", "NULL", "NULL", '["department", "leader"]', 8),
    ("yellow", "1.5", "1", "NULL", '["department", "leader"]', 8),
    ("red", "2", "2", """'{"of": "yellow", "count": 2, "within": "quarter"}'""", '["department", "leader", "superior"]', 16),
    ("talk", "NULL", "NULL", """'{"of": "red", "count": 3, "within": "row"}'""", '["department", "leader", "superior"]', 24),
)
# What rankings are made of until a city says otherwise: weights by subject and indicator (domain/scoring.py).
FORMULA = """{
    "zone": {"coverage_rate": 30, "interval_rate": 20, "closing_rate": 10, "on_time_closing_rate": 20, "rework_rate": 10,
             "recurrence_rate": 10},
    "leader": {"coverage_rate": 30, "visited_rate": 20, "closing_rate": 10, "on_time_closing_rate": 20, "rework_rate": 10,
               "order_reply_rate": 10},
    "department": {"closing_rate": 25, "on_time_closing_rate": 45, "rework_rate": 20, "order_reply_rate": 10},
    "person": {"valid_report_rate": 40, "missed_report_rate": 20, "on_time_verification_rate": 20, "on_time_check_rate": 20},
    "lists": {"red": 3, "black": 3, "red_from": 80, "black_below": 60},
    "least_known": 0.5
}"""
CHECKLIST_FROZEN = """
CREATE FUNCTION checklist_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.valid_from IS NULL THEN RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END IF;
    RAISE EXCEPTION 'a published checklist stands still';
END $$;
CREATE TRIGGER checklist_frozen BEFORE UPDATE OR DELETE ON checklist FOR EACH ROW EXECUTE FUNCTION checklist_frozen();
CREATE FUNCTION checklist_item_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM checklist c WHERE c.valid_from IS NOT NULL
               AND c.id IN (CASE TG_OP WHEN 'INSERT' THEN NEW.checklist_id ELSE OLD.checklist_id END,
                            CASE TG_OP WHEN 'DELETE' THEN OLD.checklist_id ELSE NEW.checklist_id END)) THEN
        RAISE EXCEPTION 'a published checklist stands still';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER checklist_frozen BEFORE INSERT OR UPDATE OR DELETE ON checklist_item
    FOR EACH ROW EXECUTE FUNCTION checklist_item_frozen();
"""
# What every city may begin with: a checklist for each of twelve categories of points, valid since ever.
CHECKLISTS = Path(__file__).parents[1] / "data" / "0009_checklists.json"
CHECKLISTS_FROM = "2020-01-01"
ROLES = ("administrator", "dispatcher", "gis", "leader", "member", "inspector", "handler")
ROLES_BEFORE = ROLES[:5]
# Minutes of the local day that working hours are counted in, the midday rest between them.
WORK_SHIFTS = ((510, 720), (840, 1050))


def _roles_known(roles: tuple[str, ...]) -> str:
    return "role IN (" + ", ".join(f"'{role}'" for role in roles) + ")"


def _seed_checklists() -> None:
    connection = op.get_bind()
    for category, checklist in json.loads(CHECKLISTS.read_text("utf-8")).items():
        number = connection.execute(
            sa.text("INSERT INTO checklist (category, version, name) VALUES (:category, 1, :name) RETURNING id"),
            {"category": category, "name": checklist["name"]},
        ).scalar_one()
        names = ("code", "title", "standard", "weight", "evidence", "case_kind")
        connection.execute(
            sa.text(
                "INSERT INTO checklist_item (checklist_id, position, code, title, standard, weight, evidence, case_kind) "
                "VALUES (:id, :position, :code, :title, :standard, :weight, :evidence, :case_kind)"
            ),
            [
                {"id": number, "position": position, **dict(zip(names, item, strict=True))}
                for position, item in enumerate(checklist["items"], 1)
            ],
        )
    op.execute(f"UPDATE checklist SET valid_from = '{CHECKLISTS_FROM}'")


def upgrade() -> None:
    op.create_table('numbering',
    sa.Column('series', sa.String(), nullable=False),
    sa.Column('last', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('series', name=op.f('pk_numbering'))
    )
    op.create_table('order_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('elapsed', sa.Double(), nullable=True),
    sa.Column('reworks', sa.Integer(), nullable=True),
    sa.Column('repeats', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('recipients', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reply_hours', sa.Double(), server_default=sa.text('24'), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('valid_to >= valid_from', name=op.f('ck_order_rule_valid_order')),
    sa.CheckConstraint("kind IN ('reminder', 'green', 'yellow', 'red', 'talk')", name=op.f('ck_order_rule_kind_known')),
    sa.CheckConstraint('num_nonnulls(elapsed, reworks, repeats) >= 1', name=op.f('ck_order_rule_some_cause')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_rule'))
    )
    op.create_index('uq_order_rule_kind', 'order_rule', ['kind'], unique=True, postgresql_where=sa.text('valid_to IS NULL'))
    op.create_table('order_desk',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('office', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('basis', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint('id = 1', name=op.f('ck_order_desk_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_desk'))
    )
    op.create_table('department_watch',
    sa.Column('department_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_department_watch_department_id_department')),
    sa.PrimaryKeyConstraint('department_id', name=op.f('pk_department_watch'))
    )
    op.create_table('work_shift',
    sa.Column('minute_from', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('minute_to', sa.Integer(), nullable=False),
    sa.CheckConstraint('minute_to > minute_from', name=op.f('ck_work_shift_order')),
    sa.PrimaryKeyConstraint('minute_from', name=op.f('pk_work_shift'))
    )
    op.create_table('case_kind',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name_zh', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('clock', sa.String(), nullable=False),
    sa.Column('handle_limit', sa.Double(), nullable=False),
    sa.Column('open_limit', sa.Double(), server_default=sa.text('2'), nullable=False),
    sa.Column('verify_limit', sa.Double(), server_default=sa.text('4'), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(), nullable=True),
    sa.Column('weight', sa.Double(), server_default=sa.text('1'), nullable=False),
    sa.Column('photo_needed', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.CheckConstraint("clock IN ('urgent_hours', 'working_hours', 'working_days', 'natural_days')", name=op.f('ck_case_kind_clock_known')),
    sa.CheckConstraint('handle_limit > 0 AND open_limit > 0 AND verify_limit > 0', name=op.f('ck_case_kind_limits_positive')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_case_kind_department_id_department')),
    sa.ForeignKeyConstraint(['role'], ['contract_role.code'], name=op.f('fk_case_kind_role_contract_role')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_case_kind'))
    )
    op.create_index(op.f('ix_case_kind_department_id'), 'case_kind', ['department_id'], unique=False)
    op.create_table('deputy',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('leader_id', sa.Integer(), nullable=False),
    sa.Column('deputy_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.CheckConstraint('deputy_id <> leader_id', name=op.f('ck_deputy_somebody_else')),
    sa.CheckConstraint('valid_to > valid_from', name=op.f('ck_deputy_valid_order')),
    sa.ForeignKeyConstraint(['deputy_id'], ['leader.id'], name=op.f('fk_deputy_deputy_id_leader')),
    sa.ForeignKeyConstraint(['leader_id'], ['leader.id'], name=op.f('fk_deputy_leader_id_leader')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deputy'))
    )
    op.create_index(op.f('ix_deputy_deputy_id'), 'deputy', ['deputy_id'], unique=False)
    op.create_index(op.f('ix_deputy_leader_id'), 'deputy', ['leader_id'], unique=False)
    op.create_table('checklist',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('note', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['category'], ['point_category.code'], name=op.f('fk_checklist_category_point_category')),
    sa.ForeignKeyConstraint(['made_by'], ['app_user.id'], name=op.f('fk_checklist_made_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist')),
    sa.UniqueConstraint('category', 'version', name=op.f('uq_checklist_category_version'))
    )
    op.create_index(op.f('ix_checklist_made_by'), 'checklist', ['made_by'], unique=False)
    op.create_table('digest_target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('kinds', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['app_user.id'], name=op.f('fk_digest_target_made_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_target'))
    )
    op.create_index(op.f('ix_digest_target_made_by'), 'digest_target', ['made_by'], unique=False)
    op.create_table('inspection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('seed', sa.BigInteger(), nullable=True),
    sa.Column('spec', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('open', 'covert', 'random', 'directed', 'fixed')", name=op.f('ck_inspection_kind_known')),
    sa.CheckConstraint('to_on >= from_on', name=op.f('ck_inspection_days_order')),
    sa.ForeignKeyConstraint(['made_by'], ['app_user.id'], name=op.f('fk_inspection_made_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inspection'))
    )
    op.create_index(op.f('ix_inspection_from_on'), 'inspection', ['from_on'], unique=False)
    op.create_index(op.f('ix_inspection_made_by'), 'inspection', ['made_by'], unique=False)
    op.create_table('score_formula',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('weights', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['app_user.id'], name=op.f('fk_score_formula_made_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_formula'))
    )
    op.create_index(op.f('ix_score_formula_made_by'), 'score_formula', ['made_by'], unique=False)
    op.create_table('checklist_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('checklist_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('standard', sa.String(), nullable=False),
    sa.Column('weight', sa.Double(), nullable=False),
    sa.Column('evidence', sa.String(), server_default=sa.text("'on_fail'"), nullable=False),
    sa.Column('case_kind', sa.String(), nullable=True),
    sa.CheckConstraint("evidence IN ('none', 'on_fail', 'always')", name=op.f('ck_checklist_item_evidence_known')),
    sa.CheckConstraint('weight > 0', name=op.f('ck_checklist_item_weight_positive')),
    sa.ForeignKeyConstraint(['case_kind'], ['case_kind.code'], name=op.f('fk_checklist_item_case_kind_case_kind')),
    sa.ForeignKeyConstraint(['checklist_id'], ['checklist.id'], name=op.f('fk_checklist_item_checklist_id_checklist'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist_item')),
    sa.UniqueConstraint('checklist_id', 'code', name=op.f('uq_checklist_item_checklist_id_code'))
    )
    op.create_index(op.f('ix_checklist_item_case_kind'), 'checklist_item', ['case_kind'], unique=False)
    op.create_table('inspection_task',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('inspection_id', sa.Integer(), nullable=False),
    sa.Column('point_id', sa.Integer(), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('inspector_id', sa.Integer(), nullable=True),
    sa.Column('checklist_id', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('note', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('client_uuid', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['checklist_id'], ['checklist.id'], name=op.f('fk_inspection_task_checklist_id_checklist')),
    sa.ForeignKeyConstraint(['inspection_id'], ['inspection.id'], name=op.f('fk_inspection_task_inspection_id_inspection')),
    sa.ForeignKeyConstraint(['inspector_id'], ['app_user.id'], name=op.f('fk_inspection_task_inspector_id_app_user')),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_inspection_task_point_id_point')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inspection_task')),
    sa.UniqueConstraint('client_uuid', name=op.f('uq_inspection_task_client_uuid')),
    sa.UniqueConstraint('inspection_id', 'point_id', 'on_day', name=op.f('uq_inspection_task_inspection_id_point_id_on_day'))
    )
    op.create_index(op.f('ix_inspection_task_checklist_id'), 'inspection_task', ['checklist_id'], unique=False)
    op.create_index('ix_inspection_task_done_at', 'inspection_task', ['done_at'], unique=False)
    op.create_index('ix_inspection_task_inspector_id', 'inspection_task', ['inspector_id', 'on_day'], unique=False)
    op.create_index('ix_inspection_task_point_id', 'inspection_task', ['point_id', 'done_at'], unique=False)
    op.create_table('report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('formula_id', sa.Integer(), nullable=True),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('inputs_sha256', sa.LargeBinary(), nullable=False),
    sa.Column('remarks', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('day', 'week', 'month', 'quarter')", name=op.f('ck_report_kind_known')),
    sa.CheckConstraint('to_on >= from_on', name=op.f('ck_report_days_order')),
    sa.ForeignKeyConstraint(['formula_id'], ['score_formula.id'], name=op.f('fk_report_formula_id_score_formula')),
    sa.ForeignKeyConstraint(['made_by'], ['app_user.id'], name=op.f('fk_report_made_by_app_user')),
    sa.ForeignKeyConstraint(['published_by'], ['app_user.id'], name=op.f('fk_report_published_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('number', name=op.f('uq_report_number'))
    )
    op.create_index(op.f('ix_report_formula_id'), 'report', ['formula_id'], unique=False)
    op.create_index('ix_report_kind', 'report', ['kind', 'from_on'], unique=False)
    op.create_index(op.f('ix_report_made_by'), 'report', ['made_by'], unique=False)
    op.create_index(op.f('ix_report_published_by'), 'report', ['published_by'], unique=False)
    op.create_index('uq_report_published', 'report', ['kind', 'from_on'], unique=True, postgresql_where=sa.text('published_at IS NOT NULL AND withdrawn_at IS NULL'))
    op.create_geospatial_table('patrol_case',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.String(collation='C'), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('description', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('address', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('point_id', sa.Integer(), nullable=True),
    sa.Column('street_id', sa.Integer(), nullable=True),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('reported_by', sa.Integer(), nullable=True),
    sa.Column('member_id', sa.Integer(), nullable=True),
    sa.Column('patrol_id', sa.Integer(), nullable=True),
    sa.Column('check_in_id', sa.BigInteger(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('leader_id', sa.Integer(), nullable=True),
    sa.Column('handler_id', sa.Integer(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handle_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('replied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reworks', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reopened', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('postponed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('joined_into_id', sa.BigInteger(), nullable=True),
    sa.Column('recurrence', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('row_version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('client_uuid', sa.Uuid(), nullable=True),
    sa.CheckConstraint("source IN ('patrol', 'inspection', 'citizen', 'gap', 'leader', 'desk', 'import')", name=op.f('ck_patrol_case_source_known')),
    sa.CheckConstraint('ST_IsValid(geom) AND NOT ST_IsEmpty(geom)', name=op.f('ck_patrol_case_geom_valid')),
    sa.ForeignKeyConstraint(['check_in_id'], ['check_in.id'], name=op.f('fk_patrol_case_check_in_id_check_in'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_patrol_case_department_id_department')),
    sa.ForeignKeyConstraint(['handler_id'], ['app_user.id'], name=op.f('fk_patrol_case_handler_id_app_user')),
    sa.ForeignKeyConstraint(['joined_into_id'], ['patrol_case.id'], name=op.f('fk_patrol_case_joined_into_id_patrol_case')),
    sa.ForeignKeyConstraint(['kind'], ['case_kind.code'], name=op.f('fk_patrol_case_kind_case_kind')),
    sa.ForeignKeyConstraint(['leader_id'], ['leader.id'], name=op.f('fk_patrol_case_leader_id_leader')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_patrol_case_member_id_member')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_patrol_case_patrol_id_patrol'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_patrol_case_point_id_point')),
    sa.ForeignKeyConstraint(['reported_by'], ['app_user.id'], name=op.f('fk_patrol_case_reported_by_app_user')),
    sa.ForeignKeyConstraint(['street_id'], ['street.id'], name=op.f('fk_patrol_case_street_id_street')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_patrol_case_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_case')),
    sa.UniqueConstraint('client_uuid', name=op.f('uq_patrol_case_client_uuid')),
    sa.UniqueConstraint('number', name=op.f('uq_patrol_case_number'))
    )
    op.create_index(op.f('ix_patrol_case_check_in_id'), 'patrol_case', ['check_in_id'], unique=False)
    op.create_index('ix_patrol_case_department_id', 'patrol_case', ['department_id', 'id'], unique=False)
    op.create_index('ix_patrol_case_due_at', 'patrol_case', ['due_at', 'id'], unique=False, postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_geospatial_index('ix_patrol_case_geom', 'patrol_case', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_index(op.f('ix_patrol_case_handler_id'), 'patrol_case', ['handler_id'], unique=False)
    op.create_index(op.f('ix_patrol_case_joined_into_id'), 'patrol_case', ['joined_into_id'], unique=False)
    op.create_index(op.f('ix_patrol_case_kind'), 'patrol_case', ['kind'], unique=False)
    op.create_index('ix_patrol_case_leader_id', 'patrol_case', ['leader_id', 'id'], unique=False)
    op.create_index(op.f('ix_patrol_case_member_id'), 'patrol_case', ['member_id'], unique=False)
    op.create_index(op.f('ix_patrol_case_patrol_id'), 'patrol_case', ['patrol_id'], unique=False)
    op.create_index('ix_patrol_case_point_id', 'patrol_case', ['point_id', 'kind'], unique=False)
    op.create_index('ix_patrol_case_reported_at', 'patrol_case', ['reported_at'], unique=False)
    op.create_index('ix_patrol_case_reported_by', 'patrol_case', ['reported_by', 'id'], unique=False)
    op.create_index('ix_patrol_case_state', 'patrol_case', ['state', 'id'], unique=False)
    op.create_index(op.f('ix_patrol_case_street_id'), 'patrol_case', ['street_id'], unique=False)
    op.create_index('ix_patrol_case_zone_id', 'patrol_case', ['zone_id', 'reported_at'], unique=False)
    op.create_table('case_clock',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('clock', sa.String(), nullable=False),
    sa.Column('limit', sa.Double(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pauses', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("stage IN ('open', 'handle', 'verify')", name=op.f('ck_case_clock_stage_known')),
    sa.ForeignKeyConstraint(['case_id'], ['patrol_case.id'], name=op.f('fk_case_clock_case_id_patrol_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_clock'))
    )
    op.create_index('ix_case_clock_case_id', 'case_clock', ['case_id'], unique=False)
    op.create_index('ix_case_clock_running', 'case_clock', ['due_at'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('case_watch',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('look_at', sa.DateTime(timezone=True), server_default=sa.text("'epoch'"), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['patrol_case.id'], name=op.f('fk_case_watch_case_id_patrol_case')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_case_watch'))
    )
    op.create_index(op.f('ix_case_watch_look_at'), 'case_watch', ['look_at'], unique=False)
    op.create_table('case_request',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('wanted', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decision', sa.String(), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.CheckConstraint("decision IN ('granted', 'refused')", name=op.f('ck_case_request_decision_known')),
    sa.CheckConstraint("kind IN ('postpone', 'suspend', 'appeal')", name=op.f('ck_case_request_kind_known')),
    sa.CheckConstraint('(decision IS NULL) = (decided_at IS NULL)', name=op.f('ck_case_request_decided_at_once')),
    sa.ForeignKeyConstraint(['asked_by'], ['app_user.id'], name=op.f('fk_case_request_asked_by_app_user')),
    sa.ForeignKeyConstraint(['case_id'], ['patrol_case.id'], name=op.f('fk_case_request_case_id_patrol_case')),
    sa.ForeignKeyConstraint(['decided_by'], ['app_user.id'], name=op.f('fk_case_request_decided_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_request'))
    )
    op.create_index(op.f('ix_case_request_asked_by'), 'case_request', ['asked_by'], unique=False)
    op.create_index(op.f('ix_case_request_case_id'), 'case_request', ['case_id'], unique=False)
    op.create_index(op.f('ix_case_request_decided_by'), 'case_request', ['decided_by'], unique=False)
    op.create_index('uq_case_request_open', 'case_request', ['case_id', 'kind'], unique=True, postgresql_where=sa.text('decision IS NULL'))
    op.create_table('case_step',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('from_state', sa.String(), nullable=True),
    sa.Column('to_state', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('by', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('given', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('client_uuid', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['by'], ['app_user.id'], name=op.f('fk_case_step_by_app_user')),
    sa.ForeignKeyConstraint(['case_id'], ['patrol_case.id'], name=op.f('fk_case_step_case_id_patrol_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_step')),
    sa.UniqueConstraint('case_id', 'number', name=op.f('uq_case_step_case_id_number')),
    sa.UniqueConstraint('client_uuid', name=op.f('uq_case_step_client_uuid'))
    )
    op.create_index('ix_case_step_at', 'case_step', ['at'], unique=False, postgresql_using='brin')
    op.create_index(op.f('ix_case_step_by'), 'case_step', ['by'], unique=False)
    op.create_table('citizen_report',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('code_sha256', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(), server_default=sa.text("'received'"), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('contact', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('reply', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('client_uuid', sa.Uuid(), nullable=True),
    sa.CheckConstraint("state IN ('received', 'taken', 'refused', 'answered')", name=op.f('ck_citizen_report_state_known')),
    sa.ForeignKeyConstraint(['answered_by'], ['app_user.id'], name=op.f('fk_citizen_report_answered_by_app_user')),
    sa.ForeignKeyConstraint(['case_id'], ['patrol_case.id'], name=op.f('fk_citizen_report_case_id_patrol_case')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_citizen_report_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_citizen_report')),
    sa.UniqueConstraint('client_uuid', name=op.f('uq_citizen_report_client_uuid')),
    sa.UniqueConstraint('code_sha256', name=op.f('uq_citizen_report_code_sha256'))
    )
    op.create_index(op.f('ix_citizen_report_answered_by'), 'citizen_report', ['answered_by'], unique=False)
    op.create_index(op.f('ix_citizen_report_case_id'), 'citizen_report', ['case_id'], unique=False)
    op.create_index('ix_citizen_report_state', 'citizen_report', ['state', 'at'], unique=False)
    op.create_index(op.f('ix_citizen_report_zone_id'), 'citizen_report', ['zone_id'], unique=False)
    op.create_table('inspection_result',
    sa.Column('task_id', sa.BigInteger(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('result', sa.String(), nullable=False),
    sa.Column('note', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("result IN ('pass', 'fail', 'not_applicable')", name=op.f('ck_inspection_result_result_known')),
    sa.ForeignKeyConstraint(['case_id'], ['patrol_case.id'], name=op.f('fk_inspection_result_case_id_patrol_case')),
    sa.ForeignKeyConstraint(['item_id'], ['checklist_item.id'], name=op.f('fk_inspection_result_item_id_checklist_item')),
    sa.ForeignKeyConstraint(['task_id'], ['inspection_task.id'], name=op.f('fk_inspection_result_task_id_inspection_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'item_id', name=op.f('pk_inspection_result'))
    )
    op.create_index(op.f('ix_inspection_result_case_id'), 'inspection_result', ['case_id'], unique=False)
    op.create_index(op.f('ix_inspection_result_item_id'), 'inspection_result', ['item_id'], unique=False)
    op.create_table('supervision_order',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('why', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('leader_id', sa.Integer(), nullable=True),
    sa.Column('recipients', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('document', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('reply_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_by', sa.Integer(), nullable=True),
    sa.Column('reply', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('replied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('replied_by', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Integer(), nullable=True),
    sa.Column('withdrawn_why', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.CheckConstraint("kind IN ('reminder', 'green', 'yellow', 'red', 'talk')", name=op.f('ck_supervision_order_kind_known')),
    sa.CheckConstraint('num_nonnulls(case_id, department_id, leader_id) >= 1', name=op.f('ck_supervision_order_about_something')),
    sa.ForeignKeyConstraint(['case_id'], ['patrol_case.id'], name=op.f('fk_supervision_order_case_id_patrol_case')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_supervision_order_department_id_department')),
    sa.ForeignKeyConstraint(['leader_id'], ['leader.id'], name=op.f('fk_supervision_order_leader_id_leader')),
    sa.ForeignKeyConstraint(['received_by'], ['app_user.id'], name=op.f('fk_supervision_order_received_by_app_user')),
    sa.ForeignKeyConstraint(['replied_by'], ['app_user.id'], name=op.f('fk_supervision_order_replied_by_app_user')),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['app_user.id'], name=op.f('fk_supervision_order_withdrawn_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_order')),
    sa.UniqueConstraint('cause', name=op.f('uq_supervision_order_cause')),
    sa.UniqueConstraint('number', name=op.f('uq_supervision_order_number'))
    )
    op.create_index(op.f('ix_supervision_order_case_id'), 'supervision_order', ['case_id'], unique=False)
    op.create_index('ix_supervision_order_department_id', 'supervision_order', ['department_id', 'kind'], unique=False)
    op.create_index(op.f('ix_supervision_order_leader_id'), 'supervision_order', ['leader_id'], unique=False)
    op.create_index('ix_supervision_order_raised_at', 'supervision_order', ['raised_at'], unique=False)
    op.create_index(op.f('ix_supervision_order_received_by'), 'supervision_order', ['received_by'], unique=False)
    op.create_index(op.f('ix_supervision_order_replied_by'), 'supervision_order', ['replied_by'], unique=False)
    op.create_index(op.f('ix_supervision_order_withdrawn_by'), 'supervision_order', ['withdrawn_by'], unique=False)
    op.create_table('deadline_move',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('clock_id', sa.BigInteger(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('old_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('new_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('by', sa.Integer(), nullable=True),
    sa.CheckConstraint("cause IN ('postponed', 'resumed', 'calendar', 'shifts')", name=op.f('ck_deadline_move_cause_known')),
    sa.ForeignKeyConstraint(['by'], ['app_user.id'], name=op.f('fk_deadline_move_by_app_user')),
    sa.ForeignKeyConstraint(['clock_id'], ['case_clock.id'], name=op.f('fk_deadline_move_clock_id_case_clock')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_move'))
    )
    op.create_index(op.f('ix_deadline_move_by'), 'deadline_move', ['by'], unique=False)
    op.create_index(op.f('ix_deadline_move_clock_id'), 'deadline_move', ['clock_id'], unique=False)
    op.create_table('evidence',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('task_id', sa.BigInteger(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('check_in_id', sa.BigInteger(), nullable=True),
    sa.Column('stop_report_id', sa.Integer(), nullable=True),
    sa.Column('citizen_report_id', sa.BigInteger(), nullable=True),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('served', sa.Uuid(), nullable=False),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('camera', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('software', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('by', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('client_uuid', sa.Uuid(), nullable=True),
    sa.CheckConstraint("stage IN ('before', 'after', 'other')", name=op.f('ck_evidence_stage_known')),
    sa.CheckConstraint('num_nonnulls(case_id, task_id, check_in_id, stop_report_id, citizen_report_id) = 1', name=op.f('ck_evidence_one_subject')),
    sa.ForeignKeyConstraint(['by'], ['app_user.id'], name=op.f('fk_evidence_by_app_user')),
    sa.ForeignKeyConstraint(['case_id'], ['patrol_case.id'], name=op.f('fk_evidence_case_id_patrol_case')),
    sa.ForeignKeyConstraint(['check_in_id'], ['check_in.id'], name=op.f('fk_evidence_check_in_id_check_in'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['citizen_report_id'], ['citizen_report.id'], name=op.f('fk_evidence_citizen_report_id_citizen_report')),
    sa.ForeignKeyConstraint(['item_id'], ['checklist_item.id'], name=op.f('fk_evidence_item_id_checklist_item')),
    sa.ForeignKeyConstraint(['stop_report_id'], ['stop_report.id'], name=op.f('fk_evidence_stop_report_id_stop_report'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['task_id'], ['inspection_task.id'], name=op.f('fk_evidence_task_id_inspection_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('client_uuid', name=op.f('uq_evidence_client_uuid')),
    sa.UniqueConstraint('served', name=op.f('uq_evidence_served'))
    )
    op.create_index(op.f('ix_evidence_by'), 'evidence', ['by'], unique=False)
    op.create_index(op.f('ix_evidence_case_id'), 'evidence', ['case_id'], unique=False)
    op.create_index(op.f('ix_evidence_check_in_id'), 'evidence', ['check_in_id'], unique=False)
    op.create_index(op.f('ix_evidence_citizen_report_id'), 'evidence', ['citizen_report_id'], unique=False)
    op.create_index(op.f('ix_evidence_item_id'), 'evidence', ['item_id'], unique=False)
    op.create_index('ix_evidence_received_at', 'evidence', ['received_at'], unique=False)
    op.create_index('ix_evidence_sha256', 'evidence', ['sha256'], unique=False)
    op.create_index(op.f('ix_evidence_stop_report_id'), 'evidence', ['stop_report_id'], unique=False)
    op.create_index(op.f('ix_evidence_task_id'), 'evidence', ['task_id'], unique=False)
    op.create_table('evidence_print',
    sa.Column('evidence_id', sa.BigInteger(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('phash', sa.BigInteger(), nullable=True),
    sa.Column('band_1', sa.Integer(), sa.Computed('((phash >> 48) & 65535)::int', persisted=True), nullable=True),
    sa.Column('band_2', sa.Integer(), sa.Computed('((phash >> 32) & 65535)::int', persisted=True), nullable=True),
    sa.Column('band_3', sa.Integer(), sa.Computed('((phash >> 16) & 65535)::int', persisted=True), nullable=True),
    sa.Column('band_4', sa.Integer(), sa.Computed('((phash >> 0) & 65535)::int', persisted=True), nullable=True),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_print_evidence_id_evidence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('evidence_id', name=op.f('pk_evidence_print'))
    )
    op.create_index(op.f('ix_evidence_print_sha256'), 'evidence_print', ['sha256'], unique=False)
    op.create_index(op.f('ix_evidence_print_band_1'), 'evidence_print', ['band_1'], unique=False)
    op.create_index(op.f('ix_evidence_print_band_2'), 'evidence_print', ['band_2'], unique=False)
    op.create_index(op.f('ix_evidence_print_band_3'), 'evidence_print', ['band_3'], unique=False)
    op.create_index(op.f('ix_evidence_print_band_4'), 'evidence_print', ['band_4'], unique=False)
    op.create_table('evidence_flag',
    sa.Column('evidence_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('values', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('other_id', sa.BigInteger(), nullable=True),
    sa.Column('raised_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_flag_evidence_id_evidence'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['evidence.id'], name=op.f('fk_evidence_flag_other_id_evidence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('evidence_id', 'code', name=op.f('pk_evidence_flag'))
    )
    op.create_index(op.f('ix_evidence_flag_other_id'), 'evidence_flag', ['other_id'], unique=False)
    op.create_table('evidence_verdict',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('evidence_id', sa.BigInteger(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('note', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('by', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("verdict IN ('accepted', 'refused', 'unclear')", name=op.f('ck_evidence_verdict_verdict_known')),
    sa.ForeignKeyConstraint(['by'], ['app_user.id'], name=op.f('fk_evidence_verdict_by_app_user')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_verdict_evidence_id_evidence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_verdict'))
    )
    op.create_index(op.f('ix_evidence_verdict_by'), 'evidence_verdict', ['by'], unique=False)
    op.create_index(op.f('ix_evidence_verdict_evidence_id'), 'evidence_verdict', ['evidence_id'], unique=False)
    op.add_column('app_user', sa.Column('department_id', sa.Integer(), nullable=True))
    op.create_index(op.f('ix_app_user_department_id'), 'app_user', ['department_id'], unique=False)
    op.create_foreign_key(op.f('fk_app_user_department_id_department'), 'app_user', 'department', ['department_id'], ['id'])
    op.drop_constraint(op.f("ck_app_user_role_known"), "app_user")
    op.create_check_constraint(op.f("ck_app_user_role_known"), "app_user", _roles_known(ROLES))
    op.create_check_constraint(
        op.f("ck_app_user_handler_has_department"), "app_user", "role <> 'handler' OR department_id IS NOT NULL"
    )
    for table, policy in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING ({EVERYTHING} OR {policy})")
    op.execute(APPEND_ONLY)
    op.execute(FROZEN)
    op.execute(WATCH_CLOCKS)
    op.execute(WATCH_STEPS)
    op.execute("INSERT INTO order_desk (id) VALUES (1)")
    kinds = sa.table(
        "case_kind", *map(sa.column, ("code", "name_zh", "name_en", "clock", "handle_limit", "role", "weight"))
    )
    op.bulk_insert(kinds, [dict(zip(kinds.c.keys(), kind, strict=True)) for kind in CASE_KINDS])
    for kind, elapsed, reworks, repeats, recipients, reply_hours in ORDER_RULES:
        op.execute(
            "INSERT INTO order_rule (kind, elapsed, reworks, repeats, recipients, reply_hours) "
            f"VALUES ('{kind}', {elapsed}, {reworks}, {repeats}, '{recipients}', {reply_hours})"
        )
    op.execute(
        sa.text(
            "INSERT INTO score_formula (name, weights, valid_from) VALUES ('标准公式 Standard', cast(:weights AS jsonb), '2000-01-01')"
        ).bindparams(weights=FORMULA)
    )
    for first, last in WORK_SHIFTS:
        op.execute(f"INSERT INTO work_shift (minute_from, minute_to) VALUES ({first}, {last})")
    _seed_checklists()  # after the kinds of cases, which the items name
    op.execute(CHECKLIST_FROZEN)


def downgrade() -> None:
    # Whoever inspects or handles has no role that the older schema knows: he can't log in there.
    op.drop_constraint(op.f("ck_app_user_handler_has_department"), "app_user")
    op.drop_constraint(op.f("ck_app_user_role_known"), "app_user")
    op.execute("UPDATE app_user SET role = 'member', active = false WHERE role IN ('inspector', 'handler')")
    op.create_check_constraint(op.f("ck_app_user_role_known"), "app_user", _roles_known(ROLES_BEFORE))
    op.drop_constraint(op.f('fk_app_user_department_id_department'), 'app_user', type_='foreignkey')
    op.drop_index(op.f('ix_app_user_department_id'), table_name='app_user')
    op.drop_column('app_user', 'department_id')
    op.drop_index(op.f('ix_evidence_verdict_evidence_id'), table_name='evidence_verdict')
    op.drop_index(op.f('ix_evidence_verdict_by'), table_name='evidence_verdict')
    op.drop_table('evidence_verdict')
    op.drop_index(op.f('ix_evidence_flag_other_id'), table_name='evidence_flag')
    op.drop_table('evidence_flag')
    op.drop_index(op.f('ix_evidence_print_band_4'), table_name='evidence_print')
    op.drop_index(op.f('ix_evidence_print_band_3'), table_name='evidence_print')
    op.drop_index(op.f('ix_evidence_print_band_2'), table_name='evidence_print')
    op.drop_index(op.f('ix_evidence_print_band_1'), table_name='evidence_print')
    op.drop_index(op.f('ix_evidence_print_sha256'), table_name='evidence_print')
    op.drop_table('evidence_print')
    op.drop_index(op.f('ix_evidence_task_id'), table_name='evidence')
    op.drop_index(op.f('ix_evidence_stop_report_id'), table_name='evidence')
    op.drop_index('ix_evidence_sha256', table_name='evidence')
    op.drop_index('ix_evidence_received_at', table_name='evidence')
    op.drop_index(op.f('ix_evidence_item_id'), table_name='evidence')
    op.drop_index(op.f('ix_evidence_citizen_report_id'), table_name='evidence')
    op.drop_index(op.f('ix_evidence_check_in_id'), table_name='evidence')
    op.drop_index(op.f('ix_evidence_case_id'), table_name='evidence')
    op.drop_index(op.f('ix_evidence_by'), table_name='evidence')
    op.drop_table('evidence')
    op.drop_index(op.f('ix_deadline_move_clock_id'), table_name='deadline_move')
    op.drop_index(op.f('ix_deadline_move_by'), table_name='deadline_move')
    op.drop_table('deadline_move')
    op.drop_index(op.f('ix_supervision_order_withdrawn_by'), table_name='supervision_order')
    op.drop_index(op.f('ix_supervision_order_replied_by'), table_name='supervision_order')
    op.drop_index(op.f('ix_supervision_order_received_by'), table_name='supervision_order')
    op.drop_index('ix_supervision_order_raised_at', table_name='supervision_order')
    op.drop_index(op.f('ix_supervision_order_leader_id'), table_name='supervision_order')
    op.drop_index('ix_supervision_order_department_id', table_name='supervision_order')
    op.drop_index(op.f('ix_supervision_order_case_id'), table_name='supervision_order')
    op.drop_table('supervision_order')
    op.drop_index(op.f('ix_inspection_result_item_id'), table_name='inspection_result')
    op.drop_index(op.f('ix_inspection_result_case_id'), table_name='inspection_result')
    op.drop_table('inspection_result')
    op.drop_index(op.f('ix_citizen_report_zone_id'), table_name='citizen_report')
    op.drop_index('ix_citizen_report_state', table_name='citizen_report')
    op.drop_index(op.f('ix_citizen_report_case_id'), table_name='citizen_report')
    op.drop_index(op.f('ix_citizen_report_answered_by'), table_name='citizen_report')
    op.drop_table('citizen_report')
    op.drop_index(op.f('ix_case_step_by'), table_name='case_step')
    op.drop_index('ix_case_step_at', table_name='case_step', postgresql_using='brin')
    op.drop_table('case_step')
    op.drop_index('uq_case_request_open', table_name='case_request', postgresql_where=sa.text('decision IS NULL'))
    op.drop_index(op.f('ix_case_request_decided_by'), table_name='case_request')
    op.drop_index(op.f('ix_case_request_case_id'), table_name='case_request')
    op.drop_index(op.f('ix_case_request_asked_by'), table_name='case_request')
    op.drop_table('case_request')
    op.drop_index('ix_case_clock_running', table_name='case_clock', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index('ix_case_clock_case_id', table_name='case_clock')
    op.drop_table('case_watch')
    op.drop_table('case_clock')
    op.drop_index('ix_patrol_case_zone_id', table_name='patrol_case')
    op.drop_index(op.f('ix_patrol_case_street_id'), table_name='patrol_case')
    op.drop_index('ix_patrol_case_state', table_name='patrol_case')
    op.drop_index('ix_patrol_case_reported_by', table_name='patrol_case')
    op.drop_index('ix_patrol_case_reported_at', table_name='patrol_case')
    op.drop_index('ix_patrol_case_point_id', table_name='patrol_case')
    op.drop_index(op.f('ix_patrol_case_patrol_id'), table_name='patrol_case')
    op.drop_index(op.f('ix_patrol_case_member_id'), table_name='patrol_case')
    op.drop_index('ix_patrol_case_leader_id', table_name='patrol_case')
    op.drop_index(op.f('ix_patrol_case_kind'), table_name='patrol_case')
    op.drop_index(op.f('ix_patrol_case_joined_into_id'), table_name='patrol_case')
    op.drop_index(op.f('ix_patrol_case_handler_id'), table_name='patrol_case')
    op.drop_geospatial_index('ix_patrol_case_geom', table_name='patrol_case', postgresql_using='gist', column_name='geom')
    op.drop_index('ix_patrol_case_due_at', table_name='patrol_case', postgresql_where=sa.text('due_at IS NOT NULL'))
    op.drop_index('ix_patrol_case_department_id', table_name='patrol_case')
    op.drop_index(op.f('ix_patrol_case_check_in_id'), table_name='patrol_case')
    op.drop_geospatial_table('patrol_case')
    op.drop_index('uq_report_published', table_name='report', postgresql_where=sa.text('published_at IS NOT NULL AND withdrawn_at IS NULL'))
    op.drop_index(op.f('ix_report_published_by'), table_name='report')
    op.drop_index(op.f('ix_report_made_by'), table_name='report')
    op.drop_index('ix_report_kind', table_name='report')
    op.drop_index(op.f('ix_report_formula_id'), table_name='report')
    op.drop_table('report')
    op.drop_index('ix_inspection_task_point_id', table_name='inspection_task')
    op.drop_index('ix_inspection_task_inspector_id', table_name='inspection_task')
    op.drop_index('ix_inspection_task_done_at', table_name='inspection_task')
    op.drop_index(op.f('ix_inspection_task_checklist_id'), table_name='inspection_task')
    op.drop_table('inspection_task')
    op.drop_index(op.f('ix_checklist_item_case_kind'), table_name='checklist_item')
    op.drop_table('checklist_item')
    op.drop_index(op.f('ix_score_formula_made_by'), table_name='score_formula')
    op.drop_table('score_formula')
    op.drop_index(op.f('ix_inspection_made_by'), table_name='inspection')
    op.drop_index(op.f('ix_inspection_from_on'), table_name='inspection')
    op.drop_table('inspection')
    op.drop_index(op.f('ix_digest_target_made_by'), table_name='digest_target')
    op.drop_table('digest_target')
    op.drop_index(op.f('ix_checklist_made_by'), table_name='checklist')
    op.drop_table('checklist')
    op.drop_index(op.f('ix_deputy_leader_id'), table_name='deputy')
    op.drop_index(op.f('ix_deputy_deputy_id'), table_name='deputy')
    op.drop_table('deputy')
    op.drop_index(op.f('ix_case_kind_department_id'), table_name='case_kind')
    op.drop_table('case_kind')
    op.drop_table('work_shift')
    op.drop_table('department_watch')
    op.drop_table('order_desk')
    op.drop_table('order_rule')
    op.drop_table('numbering')
    op.execute("DROP FUNCTION history_refuse()")
    op.execute("DROP FUNCTION report_frozen()")
    op.execute("DROP FUNCTION checklist_item_frozen()")
    op.execute("DROP FUNCTION checklist_frozen()")
    op.execute("DROP FUNCTION watch_clocks()")
    op.execute("DROP FUNCTION watch_steps()")
