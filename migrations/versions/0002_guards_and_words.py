"""Row-level security, the audit chain, bitmap compression, and the words every deployment starts with.

Revises 0001.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"


def in_scope(column: str, setting: str) -> str:
    """SQL: the column is one of the ids that the transaction may see; an unset setting is an empty list."""
    return f"{column} = ANY ((SELECT coalesce(nullif(current_setting('app.{setting}', true), ''), '{{}}'))::int[])"


POLICIES = {
    "zone_version": in_scope("zone_id", "zones"),
    "gap": in_scope("zone_id", "zones"),
    "point": f"{in_scope('zone_id', 'zones')} OR {in_scope('id', 'points')}",
    "street": f"{in_scope('zone_id', 'zones')} OR {in_scope('id', 'streets')}",
    "contract": " OR ".join(
        (in_scope("zone_id", "zones"), in_scope("point_id", "points"), in_scope("street_id", "streets"))
    ),
}

LEVELS = [
    ("city", 1, "市", "City"),
    ("district", 2, "区县", "District"),
    ("street", 3, "街道", "Subdistrict"),
    ("community", 4, "社区", "Community"),
    ("grid", 5, "网格", "Grid"),
]
ROLES = [
    ("leader", "包抓领导", "Leader"),
    ("traffic_police", "交警", "Traffic police"),
    ("urban_management", "城管", "Urban management"),
    ("market_regulation", "市场监管", "Market regulation"),
    ("sanitation", "环卫", "Sanitation"),
    ("community_cadre", "社区干部", "Community cadre"),
]
CATEGORIES = [  # code, zh, en, required interval in days, minutes on site, weight
    ("market", "农贸市场", "Market", 1, 30, 3),
    ("old_compound", "老旧小区", "Old residential compound", 3, 25, 2),
    ("back_lane", "背街小巷", "Back lane", 3, 15, 2),
    ("main_street", "主次干道", "Main street", 1, 15, 2),
    ("public_toilet", "公共厕所", "Public toilet", 1, 5, 2),
    ("park", "公园广场", "Park or square", 3, 20, 1),
    ("station", "车站", "Station", 1, 20, 3),
    ("hospital", "医院", "Hospital", 3, 20, 2),
    ("school", "学校周边", "School surroundings", 2, 10, 2),
    ("internet_cafe", "网吧", "Internet café", 7, 10, 1),
    ("window_office", "窗口单位", "Window office", 7, 15, 1),
    ("restaurant", "餐饮店", "Restaurant", 7, 10, 1),
    ("other", "其他点位", "Other point", 7, 10, 1),
]

BITMAPS = ("coverage_tile", "zone_mask", "exclusion_mask")

# Each entry carries the hash of the one before; the advisory lock makes the chain one line.
AUDIT_CHAIN = """
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit_entry'));
    SELECT hash INTO NEW.previous_hash FROM audit_entry ORDER BY id DESC LIMIT 1;
    NEW.previous_hash := coalesce(NEW.previous_hash, ''::bytea);
    NEW.id := nextval(pg_get_serial_sequence('audit_entry', 'id'));
    NEW.hash := sha256(NEW.previous_hash || convert_to(jsonb_build_array(NEW.id, extract(epoch from NEW.at),
                NEW.user_id, NEW.action, NEW.object_kind, NEW.object_id, NEW.detail)::text, 'UTF8'));
    RETURN NEW;
END $$;
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_entry is append-only';
END $$;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_chain();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""


def upgrade() -> None:
    for table, policy in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING ({EVERYTHING} OR {policy})")
    op.execute(AUDIT_CHAIN)
    for table in BITMAPS:
        # lz4 unpacks a bitmap several times faster than pglz; a server built without it keeps its default.
        op.execute(
            f"DO $$ BEGIN ALTER TABLE {table} ALTER COLUMN bits SET COMPRESSION lz4; "
            "EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN NULL; END $$"
        )
    _insert("zone_level", "code, rank, name_zh, name_en", LEVELS)
    _insert("contract_role", "code, name_zh, name_en", ROLES)
    _insert("point_category", "code, name_zh, name_en, required_interval_days, service_minutes, weight", CATEGORIES)


def downgrade() -> None:
    # The words may be in use by rows that 0001's own downgrade drops together with their tables.
    op.execute("DROP TRIGGER audit_refuse_truncate ON audit_entry")
    op.execute("DROP TRIGGER audit_refuse ON audit_entry")
    op.execute("DROP TRIGGER audit_chain ON audit_entry")
    op.execute("DROP FUNCTION audit_chain()")
    op.execute("DROP FUNCTION audit_refuse()")
    for table in POLICIES:
        op.execute(f"DROP POLICY scope ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _insert(table: str, columns: str, rows: list[tuple]) -> None:
    values = ", ".join("(" + ", ".join(repr(value) for value in row) + ")" for row in rows)
    op.execute(f"INSERT INTO {table} ({columns}) VALUES {values} ON CONFLICT DO NOTHING")
