-- Cells of every zone's ground: all, excluded, and seen among the rest. {pieces} says what counts as seen;
-- :zones (NULL: all) which zones are asked for.
-- The ground of a zone with children is the union of theirs, down to the leaves, so a parent is never an average and a
-- change of a child's border needs no other mask. Borders, children and exclusions are those of the day :to_on.
WITH current AS MATERIALIZED (
    SELECT v.id, v.zone_id, v.parent_id, v.path, v.name
    FROM zone_version v
    WHERE (v.valid_from IS NULL OR v.valid_from <= :to_on) AND (v.valid_to IS NULL OR v.valid_to > :to_on)
),
parent AS (
    SELECT DISTINCT parent_id AS zone_id FROM current WHERE parent_id IS NOT NULL
),
leaf AS (
    SELECT c.id, c.path
    FROM current c
    WHERE NOT EXISTS (SELECT FROM parent p WHERE p.zone_id = c.zone_id)
      AND (CAST(:zones AS int[]) IS NULL OR c.path && CAST(:zones AS int[]))
),
seen AS MATERIALIZED (
    SELECT tx, ty, bit_or(bits) AS bits FROM ({pieces}) AS piece GROUP BY tx, ty
),
excluded AS MATERIALIZED (
    SELECT m.tx, m.ty, bit_or(m.bits) AS bits
    FROM exclusion_mask m JOIN exclusion e ON e.id = m.exclusion_id
    WHERE (e.valid_from IS NULL OR e.valid_from <= :to_on) AND (e.valid_to IS NULL OR e.valid_to > :to_on)
    GROUP BY m.tx, m.ty
),
-- Two children may overlap; OR counts a cell once.
ground AS (
    SELECT a.zone_id, m.tx, m.ty, bit_or(m.bits) AS bits
    FROM leaf l
    JOIN zone_mask m ON m.zone_version_id = l.id
    CROSS JOIN LATERAL unnest(l.path) AS a(zone_id)
    GROUP BY a.zone_id, m.tx, m.ty
),
counted AS (
    SELECT g.zone_id,
           sum(bit_count(g.bits)) AS cells,
           sum(CASE WHEN e.bits IS NULL THEN 0 ELSE bit_count(g.bits & e.bits) END) AS excluded,
           sum(CASE WHEN s.bits IS NULL THEN 0
                    WHEN e.bits IS NULL THEN bit_count(g.bits & s.bits)
                    ELSE bit_count(g.bits & s.bits & ~e.bits) END) AS covered
    FROM ground g
    LEFT JOIN seen s ON s.tx = g.tx AND s.ty = g.ty
    LEFT JOIN excluded e ON e.tx = g.tx AND e.ty = g.ty
    GROUP BY g.zone_id
)
SELECT c.zone_id, c.id AS version_id, z.level, z.code, c.name, c.path,
       p.zone_id IS NULL AS is_leaf,
       coalesce(n.cells, 0)::bigint AS cells,
       coalesce(n.excluded, 0)::bigint AS excluded,
       coalesce(n.covered, 0)::bigint AS covered
FROM current c
JOIN zone z ON z.id = c.zone_id
LEFT JOIN parent p ON p.zone_id = c.zone_id
LEFT JOIN counted n ON n.zone_id = c.zone_id
JOIN zone_level l ON l.code = z.level
WHERE CAST(:zones AS int[]) IS NULL OR c.zone_id = ANY (CAST(:zones AS int[]))
ORDER BY l.rank, z.code
