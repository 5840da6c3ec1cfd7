"""What an import did, read inside its own transaction: what came, what it was before, what went.

One query a kind, with the columns `COPIED` of `draft_item`; parameters: draft, batch, day (from when the import holds), level (of
zones), now, timezone, codes (of what was found unchanged).
"""

from __future__ import annotations

from dataclasses import dataclass

COPIED = ("draft_id", "outcome", "number", "code", "name", "changes", "before", "after")

_VALID = "({row}.valid_from IS NULL OR {row}.valid_from <= %(day)s) AND ({row}.valid_to IS NULL OR {row}.valid_to > %(day)s)"
_WAS_VALID = "coalesce(CAST(before ->> 'valid_from' AS date) <= %(day)s, true) AND coalesce(CAST(before ->> 'valid_to' AS date) > %(day)s, true)"
_AREA = "round(CAST(ST_Area(CAST({geom} AS geography), false) AS numeric))"
_LENGTH = "round(CAST(ST_Length(CAST({geom} AS geography), false) AS numeric))"
_PLACE = "round(CAST(ST_X({geom}) AS numeric), 6) || ' ' || round(CAST(ST_Y({geom}) AS numeric), 6)"


@dataclass(frozen=True)
class Noun:
    """How a kind of row is told. `n` is the row as it is, `w` what it was (`before`, its `geom`), `k` either one's key.

    `key` joins the two; `measure` of a changed shape is named `measured`; `joins` serve `code` and `name`.
    """

    table: str
    key: str
    code: str
    name: str
    plain: tuple[str, ...]
    key_type: str = "int"
    joins: str = ""
    measured: str = "geometry"
    measure: str | None = None
    attributes: bool = False
    versioned: bool = False
    parents: bool = False
    unchanged: str | None = None


NOUNS = {
    "zones": Noun(
        table="zone_version",
        key="zone_id",
        code="z.code",
        name="coalesce(n.name, w.before ->> 'name')",
        plain=("name",),
        joins="JOIN zone z ON z.id = k.key",
        measured="area_m2",
        measure=_AREA,
        attributes=True,
        versioned=True,
        parents=True,
        unchanged="SELECT z.code, u.name, u.geom FROM zone z JOIN zone_version u ON u.zone_id = z.id AND "
        + _VALID.format(row="u")
        + " WHERE z.level = %(level)s",
    ),
    "points": Noun(
        table="point",
        key="id",
        code="coalesce(n.code, w.before ->> 'code')",
        name="coalesce(n.name, w.before ->> 'name')",
        plain=(
            "category",
            "name",
            "address",
            "required_interval_days",
            "service_minutes",
            "weight",
            "active",
        ),
        measure=_PLACE,
        attributes=True,
        unchanged="SELECT u.code, u.name, u.geom FROM point u WHERE true",
    ),
    "streets": Noun(
        table="street",
        key="id",
        code="coalesce(n.code, w.before ->> 'code')",
        name="coalesce(n.name, w.before ->> 'name')",
        plain=("name", "street_class", "one_way"),
        measured="length_m",
        measure=_LENGTH,
        attributes=True,
        unchanged="SELECT u.code, u.name, u.geom FROM street u WHERE true",
    ),
    "exclusions": Noun(
        table="exclusion",
        key="code",
        key_type="text",
        code="k.key",
        name="coalesce(n.name, w.before ->> 'name')",
        plain=("kind", "name", "reason"),
        measured="area_m2",
        measure=_AREA,
        versioned=True,
        unchanged="SELECT u.code, u.name, u.geom FROM exclusion u WHERE " + _VALID.format(row="u"),
    ),
    "contracts": Noun(
        table="contract",
        key="id",
        code="coalesce(z.code, s.code, p.code, '')",
        name="l.name || ' (' || n.role || ')'",
        plain=("valid_from", "valid_to"),
        joins="LEFT JOIN leader l ON l.id = n.leader_id LEFT JOIN zone z ON z.id = n.zone_id "
        "LEFT JOIN street s ON s.id = n.street_id LEFT JOIN point p ON p.id = n.point_id",
    ),
}

# What triggers do not note is told by when it came.
_CHECK_INS = """
    SELECT CASE WHEN c.received_at = %(now)s THEN 'new' ELSE 'changed' END AS outcome, p.code,
           concat_ws(' ', to_char(c.at AT TIME ZONE %(timezone)s, 'YYYY-MM-DD HH24:MI:SS'), m.name, c.note) AS name,
           CAST(NULL AS jsonb) AS changes, CAST(NULL AS geometry) AS before, p.geom AS after
    FROM check_in c JOIN point p ON p.id = c.point_id LEFT JOIN member m ON m.id = c.member_id
    WHERE c.batch_id = %(batch)s
"""
_TRACKS = """
    SELECT 'new' AS outcome, d.code,
           concat_ws(' ', to_char(t.started_at AT TIME ZONE %(timezone)s, 'YYYY-MM-DD HH24:MI:SS'), t.source) AS name,
           CAST(NULL AS jsonb) AS changes, CAST(NULL AS geometry) AS before, line.geom AS after
    FROM track t JOIN device d ON d.id = t.device_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(*) > 1 THEN ST_Simplify(ST_MakeLine(place ORDER BY recorded_at), 0.00005)
                    ELSE min(CAST(place AS text))::geometry END AS geom
        FROM (SELECT f.recorded_at, ST_SetSRID(ST_MakePoint(f.lon, f.lat), 4326) AS place FROM fix f
              WHERE f.device_id = t.device_id AND f.recorded_at BETWEEN t.started_at AND t.ended_at AND f.track_id = t.id) fixes
    ) line
    WHERE t.batch_id = %(batch)s
"""

_ROWS = """
    WITH touched AS MATERIALIZED (
        -- A row may change several times: what it was before the import is in the first note of it.
        SELECT DISTINCT ON (row_id) before FROM row_change
        WHERE batch_id = %(batch)s AND noun = '{table}' AND before IS NOT NULL ORDER BY row_id, id
    ), was AS MATERIALIZED (
        SELECT CAST(before ->> '{key}' AS {key_type}) AS key, before, {was_geom} AS geom FROM touched
        WHERE CAST(before ->> 'batch_id' AS int) IS DISTINCT FROM %(batch)s AND {was_valid}
    ), now AS MATERIALIZED (
        SELECT DISTINCT ON (r.{key}) r.{key} AS key, r.* FROM {table} r WHERE r.batch_id = %(batch)s
        ORDER BY r.{key}{newest}
    )
    SELECT CASE WHEN w.key IS NULL THEN 'new' WHEN n.key IS NULL THEN 'removed' ELSE 'changed' END AS outcome,
           {code} AS code, {name} AS name, c.changes, w.geom AS before, {now_geom} AS after
    FROM now n FULL JOIN was w ON w.key = n.key
    CROSS JOIN LATERAL (SELECT coalesce(n.key, w.key) AS key) k
    {joins}
    CROSS JOIN LATERAL (SELECT CASE WHEN n.key IS NOT NULL AND w.key IS NOT NULL THEN {changes} END AS changes) c
    WHERE c.changes IS DISTINCT FROM '{{}}'
"""
_PLAIN = """coalesce((
        SELECT jsonb_object_agg(a.key, jsonb_build_array(w.before -> a.key, a.value))
        FROM jsonb_each(jsonb_build_object({pairs})) a WHERE a.value IS DISTINCT FROM w.before -> a.key), '{{}}')"""
_ATTRIBUTES = """coalesce((
        SELECT jsonb_object_agg('attributes.' || coalesce(b.key, a.key), jsonb_build_array(b.value, a.value))
        FROM jsonb_each(w.before -> 'attributes') b FULL JOIN jsonb_each(n.attributes) a ON a.key = b.key
        WHERE a.value IS DISTINCT FROM b.value), '{}')"""
_PARENTS = """CASE WHEN n.parent_id IS DISTINCT FROM CAST(w.before ->> 'parent_id' AS int) THEN jsonb_build_object('parent',
        jsonb_build_array((SELECT q.code FROM zone q WHERE q.id = CAST(w.before ->> 'parent_id' AS int)),
                          (SELECT q.code FROM zone q WHERE q.id = n.parent_id))) ELSE '{}' END"""
# Another order of the same corners is no other shape.
_SHAPE = """CASE WHEN w.geom IS DISTINCT FROM n.geom AND ST_Normalize(w.geom) IS DISTINCT FROM ST_Normalize(n.geom)
        THEN jsonb_build_object('{measured}', jsonb_build_array({old}, {new})) ELSE '{{}}' END"""


def outcomes_sql(kind: str) -> str:
    """Return the query that tells what an import of this kind did, in a steady order."""
    if kind == "check_ins":
        found = _CHECK_INS
    elif kind == "tracks":
        found = _TRACKS
    else:
        noun = NOUNS[kind]
        found = _rows_sql(noun) + (_unchanged_sql(noun.unchanged) if noun.unchanged else "")
    return f"""
        SELECT CAST(%(draft)s AS int), outcome,
               CAST(row_number() OVER (PARTITION BY outcome ORDER BY code COLLATE "C", name COLLATE "C", after) AS int),
               code, name, changes, before, after
        FROM ({found}) AS found ORDER BY 2, 3
    """


def _rows_sql(noun: Noun) -> str:
    shaped = noun.measure is not None
    return _ROWS.format(
        table=noun.table,
        key=noun.key,
        key_type=noun.key_type,
        was_geom="CAST(before ->> 'geom' AS geometry)" if shaped else "CAST(NULL AS geometry)",
        was_valid=_WAS_VALID if noun.versioned else "true",
        newest=f", ({_VALID.format(row='r')}) DESC, r.valid_from NULLS FIRST" if noun.versioned else "",
        code=noun.code,
        name=noun.name,
        now_geom="n.geom" if shaped else "CAST(NULL AS geometry)",
        joins=noun.joins,
        changes=" || ".join(_differences(noun)),
    )


def _differences(noun: Noun) -> list[str]:
    parts = [_PLAIN.format(pairs=", ".join(f"'{name}', n.{name}" for name in noun.plain))]
    if noun.attributes:
        parts.append(_ATTRIBUTES)
    if noun.parents:
        parts.append(_PARENTS)
    if noun.measure is not None:
        old, new = (noun.measure.format(geom=f"{side}.geom") for side in "wn")
        parts.append(_SHAPE.format(measured=noun.measured, old=old, new=new))
    return parts


def _unchanged_sql(query: str) -> str:
    return f"""
        UNION ALL SELECT 'unchanged', kept.code, kept.name, NULL, NULL, kept.geom
        FROM ({query}) AS kept JOIN unnest(CAST(%(codes)s AS text[])) AS c(code) ON c.code = kept.code
    """
