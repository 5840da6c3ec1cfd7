-- Every zone with its counted cells; follows the statement ground_cells.
SELECT c.zone_id, c.id AS version_id, z.level, z.code, c.name, c.path,
       p.zone_id IS NULL AS is_leaf,
       coalesce(n.cells, 0)::bigint AS cells,
       coalesce(n.excluded, 0)::bigint AS excluded,
       coalesce(n.covered, 0)::bigint AS covered
FROM current c
JOIN zone z ON z.id = c.zone_id
LEFT JOIN parent p ON p.zone_id = c.zone_id
LEFT JOIN counted n ON n.owner = c.zone_id
JOIN zone_level l ON l.code = z.level
WHERE CAST(:zones AS int[]) IS NULL OR c.zone_id = ANY (CAST(:zones AS int[]))
ORDER BY l.rank, z.code
