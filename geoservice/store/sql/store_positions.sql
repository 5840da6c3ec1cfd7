-- Fixes of one device that came live, each on its day's track. Whatever of it is new widens the track, and notes its day.
WITH mine AS (
    SELECT id FROM track WHERE id = ANY(%(tracks)s) ORDER BY id FOR UPDATE
),
stored AS (
    INSERT INTO fix (device_id, recorded_at, received_at, lon, lat, accuracy_m, speed_mps, heading_deg, mode, track_id)
    SELECT %(device)s, c.recorded_at, %(now)s, c.lon, c.lat, c.accuracy_m, c.speed_mps, c.heading_deg, %(mode)s, c.track_id
    FROM unnest(
        %(at)s::timestamptz[], %(lon)s::float8[], %(lat)s::float8[],
        %(accuracy)s::real[], %(speed)s::real[], %(heading)s::real[], %(track)s::bigint[]
    ) AS c(recorded_at, lon, lat, accuracy_m, speed_mps, heading_deg, track_id)
    JOIN mine ON mine.id = c.track_id
    ORDER BY c.recorded_at
    ON CONFLICT DO NOTHING
    RETURNING recorded_at, track_id
),
days AS (
    SELECT track_id, min(recorded_at) AS first_at, max(recorded_at) AS last_at, count(*) AS fixes
    FROM stored GROUP BY track_id
),
grown AS (
    UPDATE track t
    SET started_at = least(t.started_at, d.first_at), ended_at = greatest(t.ended_at, d.last_at),
        fix_count = t.fix_count + d.fixes
    FROM days d WHERE t.id = d.track_id
),
noted AS (
    INSERT INTO arrival (device_id, first_at) SELECT %(device)s, first_at FROM days
)
SELECT (SELECT count(*) FROM mine) AS tracks, (SELECT count(*) FROM stored) AS fixes
