"""What a row-by-row check made slow for imports of a million rows is checked once a statement.

A foreign key looks up its parent for every row, an exclusion constraint searches its index for every row; triggers that see
all rows of a statement ask the same of all of them by one join. They lock as the constraints did, so that what runs beside
them can't slip through. That a row came by an import is no reference to be kept: imports are never deleted.

Revises 0007.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BATCHED = ("check_in", "contract", "exclusion", "point", "street", "track", "zone_version")
# Rows of one import lie side by side, which a block range index knows in a few pages.
LONG = ("check_in", "point", "street", "zone_version")
KEPT = ("contract", "exclusion", "point", "street", "zone_version")
# table, column → parent, its key, and what becomes of the row when the parent goes
REFERENCES = {
    ("point", "category"): ("point_category", "code", None),
    ("point", "zone_id"): ("zone", "id", "SET NULL"),
    ("street", "zone_id"): ("zone", "id", "SET NULL"),
}
EVENTS = ("insert", "update")

CHECK_REFERENCE = """
CREATE FUNCTION check_{table}_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM {parent} p WHERE p.{key} IN (SELECT DISTINCT n.{column} FROM after n) FOR KEY SHARE;
    IF EXISTS (SELECT FROM after n WHERE n.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {parent} p WHERE p.{key} = n.{column})) THEN
        RAISE foreign_key_violation USING MESSAGE = '{table}.{column} names no {parent}', CONSTRAINT = 'fk_{table}_{column}_{parent}';
    END IF;
    RETURN NULL;
END $$
"""
REFUSE_PARENT = """
CREATE FUNCTION keep_{table}_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM {table} t JOIN before b ON b.{key} = t.{column} WHERE NOT EXISTS (SELECT FROM {parent} p WHERE p.{key} = b.{key})) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a {parent} is still named by a {table}', CONSTRAINT = 'fk_{table}_{column}_{parent}';
    END IF;
    RETURN NULL;
END $$
"""
FORGET_PARENT = """
CREATE FUNCTION keep_{table}_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {table} t SET {column} = NULL FROM before b WHERE b.{key} = t.{column};
    RETURN NULL;
END $$
"""
REFUSE_OVERLAPS = """
CREATE FUNCTION refuse_zone_overlaps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM zone z WHERE z.id IN (SELECT n.zone_id FROM after n) ORDER BY z.id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM after n JOIN zone_version o ON o.zone_id = n.zone_id AND o.id <> n.id
        WHERE daterange(o.valid_from, o.valid_to) && daterange(n.valid_from, n.valid_to)
    ) THEN
        RAISE exclusion_violation USING MESSAGE = 'two versions of a zone hold on the same day', CONSTRAINT = 'ex_zone_version_validity';
    END IF;
    RETURN NULL;
END $$
"""
# What an import inserts carries its batch and needs no second note; with a condition on the row it costs nothing either.
KEEP_INSERT = """
CREATE OR REPLACE FUNCTION keep_{table}_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO row_change (user_id, batch_id, noun, row_id, action)
    SELECT nullif(current_setting('app.user_id', true), '')::int, nullif(current_setting('app.batch_id', true), '')::int,
           '{table}', NEW.id, 'insert';
    RETURN NULL;
END $$;
CREATE TRIGGER keep_insert AFTER INSERT ON {table} FOR EACH ROW WHEN (NEW.batch_id IS NULL)
    EXECUTE FUNCTION keep_{table}_insert();
"""
KEEP_INSERTS_BEFORE = """
CREATE OR REPLACE FUNCTION keep_{table}_insert() RETURNS trigger LANGUAGE plpgsql AS $$
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


def upgrade() -> None:
    for table in BATCHED:
        op.drop_constraint(op.f(f"fk_{table}_batch_id_import_batch"), table)
    for table in LONG:
        op.drop_index(op.f(f"ix_{table}_batch_id"), table)
        op.create_index(op.f(f"ix_{table}_batch_id"), table, ["batch_id"], postgresql_using="brin")
    # A dozen categories tell nobody which of a million rows to look at.
    op.drop_index(op.f("ix_point_category"), "point")
    for (table, column), (parent, key, then) in REFERENCES.items():
        told = {"table": table, "column": column, "parent": parent, "key": key}
        op.drop_constraint(op.f(f"fk_{table}_{column}_{parent}"), table)
        op.execute(CHECK_REFERENCE.format(**told))
        for event in EVENTS:
            _see_all(f"check_{column}_{event}", event, table, f"check_{table}_{column}")
        op.execute((FORGET_PARENT if then else REFUSE_PARENT).format(**told))
        for event in _parent_events(then):
            _see_all(f"keep_{table}_{column}_{event}", event, parent, f"keep_{table}_{column}")
    op.execute("ALTER TABLE zone_version DROP CONSTRAINT ex_zone_version_validity")
    op.execute(REFUSE_OVERLAPS)
    for event in EVENTS:
        _see_all(f"refuse_overlaps_{event}", event, "zone_version", "refuse_zone_overlaps")
    for table in KEPT:
        op.execute(f"DROP TRIGGER keep_insert ON {table}")
        op.execute(KEEP_INSERT.format(table=table))


def _parent_events(then: str | None) -> tuple[str, ...]:
    """Ids of zones never change; codes of categories may."""
    return ("delete",) if then else ("delete", "update")


def _see_all(name: str, event: str, table: str, function: str) -> None:
    seen = {"insert": "NEW TABLE AS after", "update": "OLD TABLE AS before NEW TABLE AS after", "delete": "OLD TABLE AS before"}
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {seen[event]} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def downgrade() -> None:
    for table in KEPT:
        op.execute(f"DROP TRIGGER keep_insert ON {table}")
        op.execute(KEEP_INSERTS_BEFORE.format(table=table))
    for event in EVENTS:
        op.execute(f"DROP TRIGGER refuse_overlaps_{event} ON zone_version")
    op.execute("DROP FUNCTION refuse_zone_overlaps()")
    op.execute(
        "ALTER TABLE zone_version ADD CONSTRAINT ex_zone_version_validity "
        "EXCLUDE USING gist (zone_id WITH =, daterange(valid_from, valid_to) WITH &&)"
    )
    for (table, column), (parent, key, then) in REFERENCES.items():
        for event in _parent_events(then):
            op.execute(f"DROP TRIGGER keep_{table}_{column}_{event} ON {parent}")
        op.execute(f"DROP FUNCTION keep_{table}_{column}()")
        for event in EVENTS:
            op.execute(f"DROP TRIGGER check_{column}_{event} ON {table}")
        op.execute(f"DROP FUNCTION check_{table}_{column}()")
        op.create_foreign_key(op.f(f"fk_{table}_{column}_{parent}"), table, parent, [column], [key], ondelete=then)
    op.create_index(op.f("ix_point_category"), "point", ["category"])
    for table in LONG:
        op.drop_index(op.f(f"ix_{table}_batch_id"), table)
        op.create_index(op.f(f"ix_{table}_batch_id"), table, ["batch_id"])
    for table in BATCHED:
        op.create_foreign_key(
            op.f(f"fk_{table}_batch_id_import_batch"), table, "import_batch", ["batch_id"], ["id"], ondelete="SET NULL"
        )
