"""What rows were before they changed; imports that are looked at before they are applied; tokens for programs.

Revises 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"

# table → what makes a row another one; what is derived from these is no change.
TOLD = {
    "zone_version": ("zone_id", "name", "parent_id", "geom", "valid_from", "valid_to", "attributes"),
    "point": ("code", "category", "name", "address", "geom", "required_interval_days", "service_minutes", "weight", "active", "attributes"),
    "street": ("code", "name", "street_class", "one_way", "geom", "attributes"),
    "exclusion": ("code", "kind", "name", "reason", "geom", "valid_from", "valid_to"),
    "contract": ("leader_id", "role", "zone_id", "street_id", "point_id", "valid_from", "valid_to"),
    "check_in": ("point_id", "member_id", "at", "has_findings", "note", "lon", "lat"),
}
# table → what is kept beside that, so that a row which was deleted can come back whole
KEPT = {
    "zone_version": ("path", "row_version"),
    "point": ("row_version",),
    "street": ("row_version",),
    "exclusion": ("created_by",),
    "contract": (),
    "check_in": ("received_at", "distance_m", "client_uuid"),
}
# Check-ins come from phones all day: that one came needs no note, for nobody changes them but imports.
QUIET = {"check_in"}

ZONE_OF_CHANGE = "((before ->> 'zone_id')::integer)"

# A row as JSON that jsonb_populate_record takes back to the last bit: a geometry travels as its EWKB.
AS_JSON = "jsonb_build_object({pairs})"

KEEP_UPDATE = """
CREATE FUNCTION keep_{table}_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO row_change (user_id, batch_id, noun, row_id, action, before)
    SELECT nullif(current_setting('app.user_id', true), '')::int, nullif(current_setting('app.batch_id', true), '')::int,
           '{table}', o.id, 'update', {json}
    FROM before o JOIN after n ON n.id = o.id WHERE ({old}) IS DISTINCT FROM ({new});
    RETURN NULL;
END $$;
CREATE TRIGGER keep_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION keep_{table}_update();
"""
KEEP_DELETE = """
CREATE FUNCTION keep_{table}_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO row_change (user_id, batch_id, noun, row_id, action, before)
    SELECT nullif(current_setting('app.user_id', true), '')::int, nullif(current_setting('app.batch_id', true), '')::int,
           '{table}', o.id, 'delete', {json}
    FROM before o;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION keep_{table}_delete();
"""
# What an import inserts carries its batch and needs no second note.
KEEP_INSERT = """
CREATE FUNCTION keep_{table}_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO row_change (user_id, batch_id, noun, row_id, action)
    SELECT nullif(current_setting('app.user_id', true), '')::int, nullif(current_setting('app.batch_id', true), '')::int,
           '{table}', n.id, 'insert'
    FROM after n WHERE n.batch_id IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION keep_{table}_insert();
"""

# What is served of these tables is cached for as long as they stay as they are; see store/table_changes.py.
SERVED = (
    "deployment", "device", "device_day", "gap", "gap_report", "point", "route", "street", "track", "zone", "zone_street", "zone_version",
)
# Two that write at once each leave a row; whoever comes next sweeps both away, and leaves one himself.
NOTE_TABLE = """
CREATE FUNCTION note_table_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO table_change (name, transaction_id) VALUES (TG_TABLE_NAME, pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        DELETE FROM table_change WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM table_change WHERE name = TG_TABLE_NAME AND transaction_id <> pg_current_xact_id()::text::bigint
            FOR UPDATE SKIP LOCKED));
    END IF;
    RETURN NULL;
END $$;
"""


def _pairs(table: str) -> str:
    columns = ["id", *TOLD[table], *KEPT[table], "batch_id"]
    return ", ".join(
        f"'{name}', " + (f"encode(ST_AsEWKB(o.{name}), 'hex')" if name == "geom" else f"o.{name}") for name in columns
    )


def upgrade() -> None:
    op.add_column("import_batch", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import_batch", sa.Column("undone_by", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_import_batch_undone_by_app_user"), "import_batch", "app_user", ["undone_by"], ["id"])
    op.create_table(
        "row_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("noun", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_change")),
    )
    op.create_index("ix_row_change_noun_row_id", "row_change", ["noun", "row_id"])
    op.create_index("ix_row_change_batch_id", "row_change", ["batch_id"], postgresql_where=sa.text("batch_id IS NOT NULL"))
    op.create_index("ix_row_change_zone_id", "row_change", [sa.text(ZONE_OF_CHANGE)], postgresql_where=sa.text("noun = 'zone_version'"))
    op.create_table(
        "import_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("choices", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("seen", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("report", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("state IN ('received', 'looked', 'checked', 'applied', 'dropped')", name=op.f("ck_import_draft_state_known")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_draft_batch_id_import_batch"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by"], ["app_user.id"], name=op.f("fk_import_draft_created_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_draft")),
    )
    op.create_index("ix_import_draft_created_by", "import_draft", ["created_by"])
    op.create_index("ix_import_draft_batch_id", "import_draft", ["batch_id"])
    op.create_geospatial_table(
        "draft_item",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("problem", postgresql.JSONB(), nullable=True),
        sa.Column("changes", postgresql.JSONB(), nullable=True),
        sa.Column("before", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=True),
        sa.Column("after", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["import_draft.id"], name=op.f("fk_draft_item_draft_id_import_draft"), ondelete="CASCADE"),
        sa.CheckConstraint(
            "outcome IN ('new', 'changed', 'unchanged', 'removed', 'repaired', 'rejected')", name=op.f("ck_draft_item_outcome_known")
        ),
        sa.PrimaryKeyConstraint("draft_id", "outcome", "number", name=op.f("pk_draft_item")),
    )
    op.create_table(
        "column_mapping",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("used_by", sa.Integer(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["used_by"], ["app_user.id"], name=op.f("fk_column_mapping_used_by_app_user")),
        sa.PrimaryKeyConstraint("kind", "header", name=op.f("pk_column_mapping")),
    )
    op.create_table(
        "access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_access_token_user_id_app_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    op.create_index("ix_access_token_user_id", "access_token", ["user_id"])
    op.create_table(
        "answered_request",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("client_uuid", sa.Uuid(), nullable=False),
        sa.Column("request_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_answered_request_user_id_app_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "client_uuid", name=op.f("pk_answered_request")),
    )
    # What a row was is shown to those who see the whole city; anybody's change is noted.
    op.execute("ALTER TABLE row_change ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE row_change FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON row_change FOR ALL USING ({EVERYTHING})")
    op.execute("CREATE POLICY note ON row_change FOR INSERT WITH CHECK (true)")
    for table, columns in TOLD.items():
        json = AS_JSON.format(pairs=_pairs(table))
        old, new = (", ".join(f"{side}.{name}" for name in columns) for side in "on")
        op.execute(KEEP_UPDATE.format(table=table, json=json, old=old, new=new))
        op.execute(KEEP_DELETE.format(table=table, json=json))
        if table not in QUIET:
            op.execute(KEEP_INSERT.format(table=table))
    op.create_table(
        "table_change",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", "transaction_id", name=op.f("pk_table_change")),
    )
    op.execute(NOTE_TABLE)
    for table in SERVED:
        op.execute(
            f"CREATE TRIGGER note_table_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION note_table_change()"
        )


def downgrade() -> None:
    for table in SERVED:
        op.execute(f"DROP TRIGGER note_table_change ON {table}")
    op.execute("DROP FUNCTION note_table_change()")
    op.drop_table("table_change")
    for table in TOLD:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS keep_{event} ON {table}")
            op.execute(f"DROP FUNCTION IF EXISTS keep_{table}_{event}()")
    for table in ("answered_request", "access_token", "column_mapping"):
        op.drop_table(table)
    op.drop_geospatial_table("draft_item")
    op.drop_table("import_draft")
    op.drop_table("row_change")
    op.drop_constraint(op.f("fk_import_batch_undone_by_app_user"), "import_batch")
    op.drop_column("import_batch", "undone_by")
    op.drop_column("import_batch", "undone_at")
