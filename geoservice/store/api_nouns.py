"""What programs may list: the columns of each noun, where they come from, and by what they are filtered."""

from __future__ import annotations

from geoservice.store.api_rows import Listed, changed_since, geometry_of, named_like, touches, valid_on

LEVELS = Listed("code, rank, name_zh, name_en", "zone_level", "rank", {})

# A parent that the session may not see is named by no more than its code.
ZONES = Listed(
    columns=(
        "z.id, z.level, z.code, v.name, v.parent_id, p.code AS parent_code, v.valid_from, v.valid_to, v.attributes, "
        f"v.id AS version_id, v.row_version, {geometry_of('v.geom')} AS geometry"
    ),
    source=(
        "zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level "
        "LEFT JOIN zone p ON p.id = v.parent_id"
    ),
    order="l.rank, z.code, z.id",
    filters={
        "on": valid_on("v"),
        "id": "z.id = :id",
        "level": "z.level = :level",
        "code": "z.code = :code",
        "parent_id": "v.parent_id = :parent_id",
        "q": named_like("v.name", "z.code"),
        "bbox": touches("v.geom"),
        "changed_since": changed_since("zone_version", "v"),
    },
)

CATEGORIES = Listed(
    "code, name_zh, name_en, required_interval_days, service_minutes, weight, visit_radius_m, visit_dwell_s",
    "point_category",
    "code",
    {"code": "code = :code"},
)

POINTS = Listed(
    columns=(
        "p.id, p.code, p.category, p.name, p.address, p.required_interval_days, p.service_minutes, p.weight, p.zone_id, "
        f"z.code AS zone_code, p.active, p.attributes, p.row_version, {geometry_of('p.geom')} AS geometry"
    ),
    source="point p LEFT JOIN zone z ON z.id = p.zone_id",
    order="p.code",
    filters={
        "id": "p.id = :id",
        "code": "p.code = :code",
        "category": "p.category = :category",
        "active": "p.active = :active",
        "zone": "z.code = :zone",
        "q": named_like("p.name", "p.code", "p.address"),
        "bbox": touches("p.geom"),
        "changed_since": changed_since("point", "p"),
    },
)

STREETS = Listed(
    columns=(
        "s.id, s.code, s.name, s.street_class, s.one_way, s.length_m, s.zone_id, z.code AS zone_code, s.attributes, "
        f"s.row_version, {geometry_of('s.geom')} AS geometry"
    ),
    source="street s LEFT JOIN zone z ON z.id = s.zone_id",
    order="s.code",
    filters={
        "id": "s.id = :id",
        "code": "s.code = :code",
        "street_class": "s.street_class = :street_class",
        "zone": "z.code = :zone",
        "q": named_like("s.name", "s.code"),
        "bbox": touches("s.geom"),
        "changed_since": changed_since("street", "s"),
    },
)

EXCLUSIONS = Listed(
    columns=(
        "e.id, e.code, e.kind, e.name, e.reason, e.valid_from, e.valid_to, "
        f"e.batch_id, {geometry_of('e.geom')} AS geometry"
    ),
    source="exclusion e",
    order="e.code, e.valid_from NULLS FIRST, e.id",
    filters={
        "on": valid_on("e"),
        "id": "e.id = :id",
        "code": "e.code = :code",
        "kind": "e.kind = :kind",
        "q": named_like("e.name", "e.code", "e.reason"),
        "bbox": touches("e.geom"),
        # Row-level security keeps the zones of others out of this.
        "visible": (
            "(:visible OR EXISTS (SELECT FROM zone_version w "
            "WHERE w.geom && e.geom AND ST_Intersects(w.geom, e.geom)))"
        ),
    },
)

ROLES = Listed("code, name_zh, name_en", "contract_role", "code", {"code": "code = :code"})

_CONTRACTED = "EXISTS (SELECT FROM contract k WHERE k.leader_id = l.id)"
LEADERS = Listed(
    columns="l.id, l.code, l.name, l.title, l.phone, d.code AS department",
    source="leader l LEFT JOIN department d ON d.id = l.department_id",
    order="l.code",
    filters={
        "id": "l.id = :id",
        "code": "l.code = :code",
        "q": named_like("l.name", "l.code"),
        # Contracts of others' ground are hidden, and so are leaders who have none but these.
        "visible": f"(:visible OR {_CONTRACTED})",
    },
)

CONTRACTS = Listed(
    columns=(
        "c.id, c.leader_id, l.code AS leader_code, l.name AS leader_name, c.role, c.valid_from, c.valid_to, "
        "CASE WHEN c.zone_id IS NOT NULL THEN 'zone' WHEN c.street_id IS NOT NULL THEN 'street' ELSE 'point' END AS ground, "
        "coalesce(c.zone_id, c.street_id, c.point_id) AS ground_id, coalesce(z.code, s.code, p.code) AS ground_code"
    ),
    source=(
        "contract c JOIN leader l ON l.id = c.leader_id LEFT JOIN zone z ON z.id = c.zone_id "
        "LEFT JOIN street s ON s.id = c.street_id LEFT JOIN point p ON p.id = c.point_id"
    ),
    order="c.id",
    filters={
        "id": "c.id = :id",
        "on": valid_on("c"),
        "leader": "l.code = :leader",
        "role": "c.role = :role",
        "zone": "z.code = :zone",
        "street": "s.code = :street",
        "point": "p.code = :point",
    },
)

DEPARTMENTS = Listed(
    "d.id, d.code, d.name",
    "department d",
    "d.code",
    {"id": "d.id = :id", "code": "d.code = :code", "q": named_like("d.name", "d.code")},
)

TEAMS = Listed(
    "t.id, t.code, t.name, d.code AS department",
    "team t LEFT JOIN department d ON d.id = t.department_id",
    "t.code",
    {"id": "t.id = :id", "code": "t.code = :code", "q": named_like("t.name", "t.code")},
)

MEMBERS = Listed(
    "m.id, m.code, m.name, m.phone, t.code AS team",
    "member m LEFT JOIN team t ON t.id = m.team_id",
    "m.code",
    {
        "id": "m.id = :id",
        "code": "m.code = :code",
        "team": "t.code = :team",
        "q": named_like("m.name", "m.code"),
    },
)

DEVICES = Listed(
    "d.id, d.code, m.code AS member, t.code AS team, d.active",
    "device d LEFT JOIN member m ON m.id = d.member_id LEFT JOIN team t ON t.id = d.team_id",
    "d.code",
    {
        "id": "d.id = :id",
        "code": "d.code = :code",
        "member": "m.code = :member",
        "team": "t.code = :team",
        "active": "d.active = :active",
    },
)

TRACKS = Listed(
    "k.id, d.code AS device, k.mode, k.source, k.started_at, k.ended_at, k.fix_count, k.refused, k.received_at, k.batch_id",
    "track k JOIN device d ON d.id = k.device_id",
    "k.started_at DESC, k.id DESC",
    {
        "id": "k.id = :id",
        "device": "d.code = :device",
        "from": "k.ended_at >= :from",
        "to": "k.started_at < :to",
    },
)

ROUTES = Listed(
    columns=(
        "r.id, r.code, r.name, r.mode, (SELECT count(*) FROM route_stop s WHERE s.route_id = r.id) AS stops, "
        f"{geometry_of('r.geom')} AS geometry"
    ),
    source="route r",
    order="r.code",
    filters={"id": "r.id = :id", "code": "r.code = :code", "q": named_like("r.name", "r.code")},
)

_PLACE = "coalesce(s.geom, p.geom, ST_LineInterpolatePoint(t.geom, 0.5))"
STOPS = Listed(
    f"s.position, p.code AS point, t.code AS street, s.label, ST_X({_PLACE}) AS lon, ST_Y({_PLACE}) AS lat, "
    "s.service_minutes, s.arrive_s",
    "route_stop s LEFT JOIN point p ON p.id = s.point_id LEFT JOIN street t ON t.id = s.street_id",
    "s.position",
    {"route_id": "s.route_id = :route_id"},
)

PATROLS = Listed(
    "a.id, a.on_day, a.route_id, r.code AS route, t.code AS team, a.status, a.starts_at, a.ends_at, a.started_at, "
    "a.finished_at, ARRAY(SELECT m.code FROM assignment g JOIN member m ON m.id = g.member_id "
    "WHERE g.patrol_id = a.id ORDER BY m.code) AS members",
    "patrol a JOIN route r ON r.id = a.route_id JOIN team t ON t.id = a.team_id",
    "a.on_day DESC, a.starts_at NULLS FIRST, a.id",
    {
        "id": "a.id = :id",
        "on": "a.on_day = :on",
        "from": "a.on_day >= :from",
        "to": "a.on_day <= :to",
        "team": "t.code = :team",
        "route": "r.code = :route",
        "status": "a.status = :status",
    },
)

CHECK_INS = Listed(
    "c.id, p.code AS point, c.point_id, m.code AS member, c.at, c.received_at, c.has_findings, c.note, c.lon, c.lat, "
    "c.distance_m, c.client_uuid",
    "check_in c JOIN point p ON p.id = c.point_id LEFT JOIN member m ON m.id = c.member_id",
    "c.at DESC, c.id DESC",
    {
        "id": "c.id = :id",
        "point": "p.code = :point",
        "member": "m.code = :member",
        "member_id": "c.member_id = :member_id",
        "has_findings": "c.has_findings = :has_findings",
        "from": "c.at >= :from",
        "to": "c.at < :to",
    },
)

BATCHES = Listed(
    "b.id, b.kind, b.files, b.detected, b.new_count, b.changed_count, b.unchanged_count, b.removed_count, "
    "jsonb_array_length(b.rejected) AS rejected_count, jsonb_array_length(b.repaired) AS repaired_count, "
    "b.created_at, u.login AS created_by, b.undone_at",
    "import_batch b LEFT JOIN app_user u ON u.id = b.created_by",
    "b.id DESC",
    {"id": "b.id = :id", "kind": "b.kind = :kind", "mine": "b.created_by = :mine"},
)

BATCH_PROBLEMS = Listed(
    "kept.outcome, kept.problem",
    "import_batch b CROSS JOIN LATERAL (SELECT 'rejected' AS outcome, r.value AS problem, r.ordinality "
    "FROM jsonb_array_elements(b.rejected) WITH ORDINALITY AS r UNION ALL SELECT 'repaired', r.value, r.ordinality "
    "FROM jsonb_array_elements(b.repaired) WITH ORDINALITY AS r) AS kept",
    "kept.outcome, kept.ordinality",
    {"batch_id": "b.id = :batch_id", "outcome": "kept.outcome = :outcome", "mine": "b.created_by = :mine"},
)

JOBS = Listed(
    "j.id, j.kind, j.args, j.state, j.progress, j.stage, j.attempts, j.cancel_asked, j.result, j.error, "
    "j.requested_by, j.created_at, j.started_at, j.finished_at",
    "job j",
    "j.id DESC",
    {
        "id": "j.id = :id",
        "kind": "j.kind = :kind",
        "state": "j.state = :state",
        "mine": "j.requested_by = :mine",
    },
)
