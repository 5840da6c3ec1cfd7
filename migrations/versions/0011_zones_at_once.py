"""What a row-by-row check made slow for imports of a hundred thousand zones is checked once a statement.

As with points and streets before: one join asks for all rows of a statement what a foreign key asks for each, and locks as it
did. A zone that the very transaction made needs no lock, for nobody else sees it yet.

Revises 0010.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHECK_LEVEL = """
CREATE FUNCTION check_zone_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM zone_level l WHERE l.code IN (SELECT DISTINCT n.level FROM after n) FOR KEY SHARE;
    IF EXISTS (SELECT FROM (SELECT DISTINCT n.level FROM after n) m WHERE NOT EXISTS (SELECT FROM zone_level l WHERE l.code = m.level)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'zone.level names no zone_level', CONSTRAINT = 'fk_zone_level_zone_level';
    END IF;
    RETURN NULL;
END $$
"""
KEEP_LEVEL = """
CREATE FUNCTION keep_zone_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM zone z JOIN before b ON b.code = z.level WHERE NOT EXISTS (SELECT FROM zone_level l WHERE l.code = b.code)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a zone_level is still named by a zone', CONSTRAINT = 'fk_zone_level_zone_level';
    END IF;
    RETURN NULL;
END $$
"""
# A zone with the xmin of the rows just written is of this very transaction.
CHECK_VERSIONS = """
CREATE FUNCTION check_zone_versions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    without_zone boolean;
    without_parent boolean;
    overlapping boolean;
BEGIN
    PERFORM FROM zone z
    WHERE z.id IN (SELECT n.zone_id FROM after n)
      AND z.xmin IS DISTINCT FROM (SELECT v.xmin FROM zone_version v WHERE v.id = (SELECT n.id FROM after n LIMIT 1))
    ORDER BY z.id FOR NO KEY UPDATE;
    PERFORM FROM zone z WHERE z.id IN (SELECT DISTINCT n.parent_id FROM after n WHERE n.parent_id IS NOT NULL) FOR KEY SHARE;
    SELECT bool_or(z.id IS NULL), bool_or(n.parent_id IS NOT NULL AND p.id IS NULL), bool_or(o.id IS NOT NULL)
    INTO without_zone, without_parent, overlapping
    FROM after n LEFT JOIN zone z ON z.id = n.zone_id LEFT JOIN zone p ON p.id = n.parent_id
    LEFT JOIN zone_version o ON o.zone_id = n.zone_id AND o.id <> n.id
          AND daterange(o.valid_from, o.valid_to) && daterange(n.valid_from, n.valid_to);
    IF without_zone THEN
        RAISE foreign_key_violation USING MESSAGE = 'zone_version.zone_id names no zone', CONSTRAINT = 'fk_zone_version_zone_id_zone';
    END IF;
    IF without_parent THEN
        RAISE foreign_key_violation USING MESSAGE = 'zone_version.parent_id names no zone', CONSTRAINT = 'fk_zone_version_parent_id_zone';
    END IF;
    IF overlapping THEN
        RAISE exclusion_violation USING MESSAGE = 'two versions of a zone hold on the same day', CONSTRAINT = 'ex_zone_version_validity';
    END IF;
    RETURN NULL;
END $$
"""
# A guard sees every row, whoever writes.
KEEP_VERSIONS = """
CREATE FUNCTION keep_zone_versions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seen text := coalesce(current_setting('app.everything', true), '');
BEGIN
    PERFORM set_config('app.everything', 'on', true);
    DELETE FROM zone_version v USING before b WHERE v.zone_id = b.id;
    IF EXISTS (SELECT FROM zone_version v JOIN before b ON b.id = v.parent_id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a zone is still the parent of another', CONSTRAINT = 'fk_zone_version_parent_id_zone';
    END IF;
    PERFORM set_config('app.everything', seen, true);
    RETURN NULL;
END $$
"""
REFUSE_OVERLAPS_BEFORE = """
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
# table, events, function
TRIGGERS = (
    ("zone", ("insert", "update"), "check_zone_level"),
    ("zone_level", ("delete", "update"), "keep_zone_level"),
    ("zone_version", ("insert", "update"), "check_zone_versions"),
    ("zone", ("delete",), "keep_zone_versions"),
)
KEYS = (
    ("zone", "level", "zone_level", "code", None),
    ("zone_version", "zone_id", "zone", "id", "CASCADE"),
    ("zone_version", "parent_id", "zone", "id", None),
)


def upgrade() -> None:
    for table, column, parent, _, _ in KEYS:
        op.drop_constraint(op.f(f"fk_{table}_{column}_{parent}"), table)
    for event in ("insert", "update"):
        op.execute(f"DROP TRIGGER refuse_overlaps_{event} ON zone_version")
    op.execute("DROP FUNCTION refuse_zone_overlaps()")
    for function in (CHECK_LEVEL, KEEP_LEVEL, CHECK_VERSIONS, KEEP_VERSIONS):
        op.execute(function)
    for table, events, function in TRIGGERS:
        for event in events:
            _see_all(f"{function}_{event}", event, table, function)


def _see_all(name: str, event: str, table: str, function: str) -> None:
    seen = {"insert": "NEW TABLE AS after", "update": "OLD TABLE AS before NEW TABLE AS after", "delete": "OLD TABLE AS before"}
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {seen[event]} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def downgrade() -> None:
    for table, events, function in TRIGGERS:
        for event in events:
            op.execute(f"DROP TRIGGER {function}_{event} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
    op.execute(REFUSE_OVERLAPS_BEFORE)
    for event in ("insert", "update"):
        _see_all(f"refuse_overlaps_{event}", event, "zone_version", "refuse_zone_overlaps")
    for table, column, parent, key, then in KEYS:
        op.create_foreign_key(op.f(f"fk_{table}_{column}_{parent}"), table, parent, [column], [key], ondelete=then)
