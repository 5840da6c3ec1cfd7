-- Everybody who contracted one of these pieces of ground and whose contract is valid on the day.
SELECT 'zone' AS kind, z.code, v.name, c.role, c.leader_id, l.name AS leader, l.title, l.phone
FROM contract c
JOIN leader l ON l.id = c.leader_id
JOIN zone z ON z.id = c.zone_id
JOIN zone_version v ON v.zone_id = z.id AND daterange(v.valid_from, v.valid_to) @> cast(:on AS date)
WHERE c.zone_id = ANY (:zones) AND daterange(c.valid_from, c.valid_to) @> cast(:on AS date)
UNION ALL
SELECT 'street', s.code, s.name, c.role, c.leader_id, l.name, l.title, l.phone
FROM contract c
JOIN leader l ON l.id = c.leader_id
JOIN street s ON s.id = c.street_id
WHERE c.street_id = ANY (:streets) AND daterange(c.valid_from, c.valid_to) @> cast(:on AS date)
UNION ALL
SELECT 'point', p.code, p.name, c.role, c.leader_id, l.name, l.title, l.phone
FROM contract c
JOIN leader l ON l.id = c.leader_id
JOIN point p ON p.id = c.point_id
WHERE c.point_id = ANY (:points) AND daterange(c.valid_from, c.valid_to) @> cast(:on AS date)
ORDER BY kind, code, role, leader
