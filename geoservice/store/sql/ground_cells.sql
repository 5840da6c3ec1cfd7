-- The cells of every owner's ground, and what was seen of them; cells_once or cells_by_bucket counts them, an answer selects
-- from `counted`. {owned} says which leaves are whose (owner, id); {family} which leaves can share an owner at all; {pieces}
-- what counts as seen (bucket, tx, ty, bits); :zones (NULL: all) which zones are asked for.
-- The ground of a zone with children is the union of theirs, down to the leaves, so a parent is never an average and a
-- change of a child's border needs no other mask. Borders, children and exclusions are those of the day :on.
-- A bitmap is unpacked whenever a function takes it; << 0 unpacks it once for all that follow. That is 8 KB: masks travel packed
-- through all joins, for what a join sorts or keeps would go to disk, and are unpacked where they are counted.
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
-- Where the leaves are few, only what was seen on their tiles is unpacked; for a city's it would ask in vain.
place AS MATERIALIZED (
    SELECT DISTINCT m.tx, m.ty FROM leaf l JOIN zone_mask m ON m.zone_version_id = l.id
),
excluded AS MATERIALIZED (
    SELECT m.tx, m.ty, bit_or(m.bits) << 0 AS bits
    FROM exclusion_mask m JOIN exclusion e ON e.id = m.exclusion_id
    WHERE (e.valid_from IS NULL OR e.valid_from <= :on) AND (e.valid_to IS NULL OR e.valid_to > :on)
    GROUP BY m.tx, m.ty
),
seen AS MATERIALIZED (
    SELECT s.bucket, s.tx, s.ty, CASE WHEN e.bits IS NULL THEN s.bits << 0 ELSE s.bits & ~e.bits END AS bits
    FROM (
        SELECT bucket, tx, ty, bit_or(bits) AS bits FROM ({pieces}) AS piece
        WHERE (SELECT count(*) > 1000 FROM leaf) OR (tx, ty) IN (SELECT tx, ty FROM place)
        GROUP BY bucket, tx, ty
    ) AS s
    LEFT JOIN excluded e ON e.tx = s.tx AND e.ty = s.ty
),
-- Where leaves don't overlap, an owner's cells are the sum of theirs, and nothing has to be joined bit by bit.
overlap AS MATERIALIZED (
    SELECT l.family, m.tx, m.ty
    FROM leaf l JOIN zone_mask m ON m.zone_version_id = l.id
    GROUP BY l.family, m.tx, m.ty
    HAVING count(*) > 1 AND sum(bit_count(m.bits)) > bit_count(bit_or(m.bits))
),
ground AS (
    SELECT l.id AS leaf_id, NULL::int AS owner, m.tx, m.ty, m.bits
    FROM leaf l
    JOIN zone_mask m ON m.zone_version_id = l.id
    WHERE (l.family, m.tx, m.ty) NOT IN (SELECT family, tx, ty FROM overlap)
    UNION ALL
    SELECT NULL, o.owner, m.tx, m.ty, bit_or(m.bits)
    FROM overlap v
    JOIN leaf l ON l.family = v.family
    JOIN ({owned}) AS o ON o.id = l.id
    JOIN zone_mask m ON m.zone_version_id = l.id AND m.tx = v.tx AND m.ty = v.ty
    GROUP BY o.owner, m.tx, m.ty
    OFFSET 0
),
