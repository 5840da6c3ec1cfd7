-- Cells of every owner's ground: all, excluded, and seen among the rest. {owned} says which leaves are whose (owner, id);
-- {family} which leaves can share an owner at all; {pieces} what counts as seen; :zones (NULL: all) which zones are asked
-- for. An answer selects from `counted`.
-- The ground of a zone with children is the union of theirs, down to the leaves, so a parent is never an average and a
-- change of a child's border needs no other mask. Borders, children and exclusions are those of the day :on.
-- A bitmap is unpacked whenever a function takes it; << 0 unpacks it once for all that follow.
WITH current AS MATERIALIZED (
    SELECT v.id, v.zone_id, v.parent_id, v.path, v.name
    FROM zone_version v
    WHERE (v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on)
),
parent AS (
    SELECT DISTINCT parent_id AS zone_id FROM current WHERE parent_id IS NOT NULL
),
leaf AS MATERIALIZED (
    SELECT c.id, c.path, {family} AS family
    FROM current c
    WHERE NOT EXISTS (SELECT FROM parent p WHERE p.zone_id = c.zone_id)
      AND (CAST(:zones AS int[]) IS NULL OR c.path && CAST(:zones AS int[]))
),
excluded AS MATERIALIZED (
    SELECT m.tx, m.ty, bit_or(m.bits) << 0 AS bits
    FROM exclusion_mask m JOIN exclusion e ON e.id = m.exclusion_id
    WHERE (e.valid_from IS NULL OR e.valid_from <= :on) AND (e.valid_to IS NULL OR e.valid_to > :on)
    GROUP BY m.tx, m.ty
),
seen AS MATERIALIZED (
    SELECT s.tx, s.ty, CASE WHEN e.bits IS NULL THEN s.bits << 0 ELSE s.bits & ~e.bits END AS bits
    FROM (SELECT tx, ty, bit_or(bits) AS bits FROM ({pieces}) AS piece GROUP BY tx, ty) AS s
    LEFT JOIN excluded e ON e.tx = s.tx AND e.ty = s.ty
),
-- Where leaves don't overlap, an owner's cells are the sum of theirs, and nothing has to be joined bit by bit.
overlap AS MATERIALIZED (
    SELECT family, tx, ty
    FROM (
        SELECT l.family, m.tx, m.ty, m.bits << 0 AS bits
        FROM leaf l JOIN zone_mask m ON m.zone_version_id = l.id OFFSET 0
    ) AS mask
    GROUP BY family, tx, ty
    HAVING count(*) > 1 AND sum(bit_count(bits)) > bit_count(bit_or(bits))
),
ground AS (
    SELECT l.id AS leaf_id, NULL::int AS owner, m.tx, m.ty, m.bits << 0 AS bits
    FROM leaf l
    JOIN zone_mask m ON m.zone_version_id = l.id
    WHERE (l.family, m.tx, m.ty) NOT IN (SELECT family, tx, ty FROM overlap)
    UNION ALL
    SELECT NULL, o.owner, m.tx, m.ty, bit_or(m.bits) << 0
    FROM overlap v
    JOIN leaf l ON l.family = v.family
    JOIN ({owned}) AS o ON o.id = l.id
    JOIN zone_mask m ON m.zone_version_id = l.id AND m.tx = v.tx AND m.ty = v.ty
    GROUP BY o.owner, m.tx, m.ty
    OFFSET 0
),
part AS (
    SELECT g.leaf_id, g.owner,
           sum(bit_count(g.bits)) AS cells,
           sum(CASE WHEN e.bits IS NULL THEN 0 ELSE bit_count(g.bits & e.bits) END) AS excluded,
           sum(CASE WHEN s.bits IS NULL THEN 0 ELSE bit_count(g.bits & s.bits) END) AS covered
    FROM ground g
    LEFT JOIN seen s ON s.tx = g.tx AND s.ty = g.ty
    LEFT JOIN excluded e ON e.tx = g.tx AND e.ty = g.ty
    GROUP BY g.leaf_id, g.owner
),
counted AS (
    SELECT owner, sum(cells) AS cells, sum(excluded) AS excluded, sum(covered) AS covered
    FROM (
        SELECT owner, cells, excluded, covered FROM part WHERE owner IS NOT NULL
        UNION ALL
        SELECT o.owner, p.cells, p.excluded, p.covered FROM ({owned}) AS o JOIN part p ON p.leaf_id = o.id
    ) AS every
    GROUP BY owner
)
