"""What a device's day shows of streets, points and tiny zones; check-ins; periods and revisions of gap reports.

Revises 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"
ZONES = "((SELECT coalesce(nullif(current_setting('app.zones', true), ''), '{}'))::int[])"
STREETS = "((SELECT coalesce(nullif(current_setting('app.streets', true), ''), '{}'))::int[])"

# Rows of streets and points are shown to whoever may see the street or point.
OWNED = {"street_seen": ("street_id", "street"), "visit": ("point_id", "point"), "check_in": ("point_id", "point")}

# Tiles (domain.coverage.pack_keys, slot 0) that a shape may have to do with; 300 m is beyond any reach, radius or way that a fix may hang on.
TILES_AROUND = """
CREATE FUNCTION tiles_around(shape geometry) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT ((x + 524288)::bigint << 20) | (y + 524288)
    FROM (SELECT ST_Transform(shape, metric_epsg) AS g, cell_m * 256 AS side FROM deployment) AS m
    CROSS JOIN generate_series(floor((ST_XMin(g) - 300) / side)::int, floor((ST_XMax(g) + 300) / side)::int) AS x
    CROSS JOIN generate_series(floor((ST_YMin(g) - 300) / side)::int, floor((ST_YMax(g) + 300) / side)::int) AS y
$$;
"""

# Device days on these tiles have to be looked at again: a street, a point or a tiny zone came, went or moved.
# Without any device day there is nothing to look at again, and a first import of a city costs nothing.
NOTE_CHANGE = """
CREATE FUNCTION note_{table}_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM device_day) THEN
        INSERT INTO place_change (tile)
        SELECT DISTINCT tile FROM ({shapes}) AS moved CROSS JOIN LATERAL tiles_around(moved.geom) AS tile ORDER BY tile;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_{event} AFTER {event} ON {table} REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION note_{table}_{event}();
"""
# table → on which events, and what beside the shape makes a row another one
NOTED = {
    "street": (("insert", "delete", "update"), "before.attributes IS DISTINCT FROM after.attributes"),
    "point": (
        ("insert", "delete", "update"),
        "before.active IS DISTINCT FROM after.active OR before.category IS DISTINCT FROM after.category",
    ),
    # Only zones of a few cells are looked at one by one (domain/tiny.py), and which these are is known with the mask.
    "zone_version": (("update",), "before.cell_count IS DISTINCT FROM after.cell_count"),
}
ONLY_TINY = " AND (before.cell_count < 16 OR after.cell_count < 16)"

# What was derived from a shape is made anew after the shape has changed.
FORGET_DERIVED = """
CREATE FUNCTION forget_derived_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {forget}
    RETURN NEW;
END $$;
CREATE TRIGGER forget_derived BEFORE UPDATE OF geom ON {table} FOR EACH ROW
    WHEN (OLD.geom IS DISTINCT FROM NEW.geom) EXECUTE FUNCTION forget_derived_{table}();
"""
FORGOTTEN = {
    "street": "NEW.piece_count := NULL; NEW.length_m := NULL;",
    "zone_version": "NEW.cell_count := NULL; NEW.streets_cut := false;",
    "exclusion": "NEW.cell_count := NULL; NEW.streets_cut := false;",
}


KINDS = "kind IN ('zones', 'points', 'streets', 'tracks', 'contracts', 'exclusions'{more})"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_import_batch_kind_known"), "import_batch")
    op.create_check_constraint(op.f("ck_import_batch_kind_known"), "import_batch", KINDS.format(more=", 'check_ins'"))
    op.create_table(
        "street_seen",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("device_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["street_id"], ["street.id"], name=op.f("fk_street_seen_street_id_street"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("day", "device_id", "street_id", "word", "period", name=op.f("pk_street_seen")),
    )
    op.create_index("ix_street_seen_street_id", "street_seen", ["street_id", "day"])
    op.create_table(
        "visit",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("device_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dwell_s", sa.REAL(), nullable=False),
        sa.Column("nearest_m", sa.REAL(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_visit_point_id_point"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("day", "device_id", "point_id", "arrived_at", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_point_id", "visit", ["point_id", "arrived_at"])
    op.create_geospatial_table(
        "tiny_zone_seen",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("device_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone_version_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["zone_version_id"], ["zone_version.id"], name=op.f("fk_tiny_zone_seen_zone_version_id_zone_version"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", "device_id", "zone_version_id", "period", name=op.f("pk_tiny_zone_seen")),
    )
    op.create_index("ix_tiny_zone_seen_zone_version_id", "tiny_zone_seen", ["zone_version_id"])
    op.create_table(
        "check_in",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("has_findings", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("client_uuid", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_check_in_batch_id_import_batch"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_check_in_member_id_member")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_check_in_point_id_point"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sa.UniqueConstraint("client_uuid", name=op.f("uq_check_in_client_uuid")),
    )
    op.create_index("ix_check_in_point_id", "check_in", ["point_id", "at"])
    op.create_index("ix_check_in_at", "check_in", ["at"])
    op.create_index("ix_check_in_member_id", "check_in", ["member_id"])
    op.create_index("ix_check_in_batch_id", "check_in", ["batch_id"])
    for table, owner in (("zone_street", "zone_version"), ("exclusion_street", "exclusion")):
        op.create_table(
            table,
            sa.Column(f"{owner}_id", sa.Integer(), nullable=False),
            sa.Column("street_id", sa.Integer(), nullable=False),
            sa.Column("word", sa.SmallInteger(), autoincrement=False, nullable=False),
            sa.Column("pieces", sa.BigInteger(), nullable=False),
            sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], name=op.f(f"fk_{table}_{owner}_id_{owner}"), ondelete="CASCADE"),
            sa.ForeignKeyConstraint(["street_id"], ["street.id"], name=op.f(f"fk_{table}_street_id_street"), ondelete="CASCADE"),
            sa.PrimaryKeyConstraint(f"{owner}_id", "street_id", "word", name=op.f(f"pk_{table}")),
        )
        op.create_index(f"ix_{table}_street_id", table, ["street_id"])
    op.create_table(
        "place_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("tile", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_change")),
    )

    op.add_column("street", sa.Column("length_m", sa.Double(), nullable=True))
    op.add_column("street", sa.Column("piece_count", sa.Integer(), nullable=True))
    op.add_column("point_category", sa.Column("visit_radius_m", sa.Double(), nullable=True))
    op.add_column("point_category", sa.Column("visit_dwell_s", sa.Double(), nullable=True))
    op.create_check_constraint(op.f("ck_point_category_visit_positive"), "point_category", "visit_radius_m > 0 AND visit_radius_m <= 200 AND visit_dwell_s >= 0")
    for table in ("zone_version", "exclusion"):
        op.add_column(table, sa.Column("cell_count", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("streets_cut", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("UPDATE point_category SET visit_radius_m = 60 WHERE code IN ('park', 'station', 'hospital', 'old_compound')")

    op.add_column("device_day", sa.Column("rematch", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("device_day", sa.Column("modes", postgresql.ARRAY(sa.SmallInteger()), server_default=sa.text("'{1,2,3}'"), nullable=False))
    op.add_column("device_day", sa.Column("street_refused", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.drop_index("ix_device_day_dirty", table_name="device_day")
    op.create_index("ix_device_day_dirty", "device_day", ["day", "device_id"], postgresql_where=sa.text("dirty OR rematch"))

    op.add_column("gap_report", sa.Column("period", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("gap_report", sa.Column("revised_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("gap_report", sa.Column("late_fixes", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.drop_constraint("uq_gap_report_from_on_to_on", "gap_report")
    op.create_unique_constraint("uq_gap_report_from_on_to_on_period", "gap_report", ["from_on", "to_on", "period"])

    for table, (column, owner) in OWNED.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING ({EVERYTHING} OR {column} IN (SELECT id FROM {owner}))")
    # A street belongs to every zone that a piece of it lies in.
    op.execute("DROP POLICY scope ON street")
    op.execute(
        f"CREATE POLICY scope ON street USING ({EVERYTHING} OR zone_id = ANY {ZONES} OR id = ANY {STREETS} OR id IN "
        "(SELECT z.street_id FROM zone_street z JOIN zone_version v ON v.id = z.zone_version_id))"
    )
    op.execute(TILES_AROUND)
    for table, (events, other) in NOTED.items():
        changed = (
            "SELECT unnest(ARRAY[before.geom, after.geom]) AS geom FROM before JOIN after ON after.id = before.id "
            f"WHERE (before.geom IS DISTINCT FROM after.geom OR {other}){ONLY_TINY if table == 'zone_version' else ''}"
        )
        for event, shapes, tables in (
            ("insert", "SELECT geom FROM after", "NEW TABLE AS after"),
            ("delete", "SELECT geom FROM before", "OLD TABLE AS before"),
            ("update", changed, "OLD TABLE AS before NEW TABLE AS after"),
        ):
            if event in events:
                op.execute(NOTE_CHANGE.format(table=table, event=event, shapes=shapes, tables=tables))
    for table, forget in FORGOTTEN.items():
        op.execute(FORGET_DERIVED.format(table=table, forget=forget))


def downgrade() -> None:
    for table in FORGOTTEN:
        op.execute(f"DROP TRIGGER forget_derived ON {table}")
        op.execute(f"DROP FUNCTION forget_derived_{table}()")
    for table, (events, _) in NOTED.items():
        for event in events:
            op.execute(f"DROP TRIGGER note_{event} ON {table}")
            op.execute(f"DROP FUNCTION note_{table}_{event}()")
    op.execute("DROP FUNCTION tiles_around(geometry)")
    op.execute("DROP POLICY scope ON street")
    op.execute(f"CREATE POLICY scope ON street USING ({EVERYTHING} OR zone_id = ANY {ZONES} OR id = ANY {STREETS})")
    op.execute("DELETE FROM gap_report WHERE period <> 0")
    op.drop_constraint("uq_gap_report_from_on_to_on_period", "gap_report")
    op.create_unique_constraint("uq_gap_report_from_on_to_on", "gap_report", ["from_on", "to_on"])
    for column in ("period", "revised_from", "late_fixes"):
        op.drop_column("gap_report", column)
    op.drop_index("ix_device_day_dirty", table_name="device_day")
    op.create_index("ix_device_day_dirty", "device_day", ["day", "device_id"], postgresql_where=sa.text("dirty"))
    for column in ("rematch", "modes", "street_refused"):
        op.drop_column("device_day", column)
    for table in ("zone_version", "exclusion"):
        op.drop_column(table, "cell_count")
        op.drop_column(table, "streets_cut")
    op.drop_constraint(op.f("ck_point_category_visit_positive"), "point_category")
    op.drop_column("point_category", "visit_radius_m")
    op.drop_column("point_category", "visit_dwell_s")
    op.drop_column("street", "length_m")
    op.drop_column("street", "piece_count")
    for table in ("place_change", "exclusion_street", "zone_street", "check_in"):
        op.drop_table(table)
    op.drop_geospatial_table("tiny_zone_seen")
    op.drop_table("visit")
    op.drop_table("street_seen")
    op.execute("DELETE FROM import_batch WHERE kind = 'check_ins'")
    op.drop_constraint(op.f("ck_import_batch_kind_known"), "import_batch")
    op.create_check_constraint(op.f("ck_import_batch_kind_known"), "import_batch", KINDS.format(more=""))
