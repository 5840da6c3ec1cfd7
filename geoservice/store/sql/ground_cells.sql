-- Cells of every owner's ground: all, excluded, and seen among the rest. {owned} says which leaves are whose (owner, id);
-- {pieces} what counts as seen; :zones (NULL: all) which zones are asked for. An answer selects from `counted`.
-- The ground of a zone with children is the union of theirs, down to the leaves, so a parent is never an average and a
-- change of a child's border needs no other mask. Borders, children and exclusions are those of the day :on.
WITH current AS MATERIALIZED (
    SELECT v.id, v.zone_id, v.parent_id, v.path, v.name
    FROM zone_version v
    WHERE (v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on)
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
    WHERE (e.valid_from IS NULL OR e.valid_from <= :on) AND (e.valid_to IS NULL OR e.valid_to > :on)
    GROUP BY m.tx, m.ty
),
-- Two children may overlap; OR counts a cell once.
ground AS (
    SELECT o.owner, m.tx, m.ty, bit_or(m.bits) AS bits
    FROM ({owned}) AS o
    JOIN zone_mask m ON m.zone_version_id = o.id
    GROUP BY o.owner, m.tx, m.ty
),
counted AS (
    SELECT g.owner,
           sum(bit_count(g.bits)) AS cells,
           sum(CASE WHEN e.bits IS NULL THEN 0 ELSE bit_count(g.bits & e.bits) END) AS excluded,
           sum(CASE WHEN s.bits IS NULL THEN 0
                    WHEN e.bits IS NULL THEN bit_count(g.bits & s.bits)
                    ELSE bit_count(g.bits & s.bits & ~e.bits) END) AS covered
    FROM ground g
    LEFT JOIN seen s ON s.tx = g.tx AND s.ty = g.ty
    LEFT JOIN excluded e ON e.tx = g.tx AND e.ty = g.ty
    GROUP BY g.owner
)
