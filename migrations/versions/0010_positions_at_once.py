"""What a phone reports is stored by one question, whose plans the server keeps.

Revises 0009.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A device has one live track a local day and protocol, known by a name made of the three, so that no two are ever made.
# Somebody may delete a track while we come: then it is made again. A track that holds nothing after all goes away.
TAKE_POSITIONS = """
CREATE FUNCTION take_positions(
    token bytea, told_by text, now_is timestamptz, partitions text[], days date[],
    at timestamptz[], on_days date[], lons float8[], lats float8[], accuracies real[], speeds real[], headings real[],
    OUT whose integer, OUT called text, OUT may_report boolean, OUT has_room boolean, OUT stored_count integer
) LANGUAGE plpgsql AS $$
DECLARE
    moves smallint;
    names uuid[];
    are_there integer;
    made boolean := false;
BEGIN
    SELECT d.id, d.code, d.active, coalesce(t.mode, mt.mode, 1) INTO whose, called, may_report, moves
    FROM device d LEFT JOIN team t ON t.id = d.team_id LEFT JOIN member m ON m.id = d.member_id
    LEFT JOIN team mt ON mt.id = m.team_id WHERE d.token_sha256 = token;
    stored_count := 0;
    has_room := EXISTS (SELECT FROM deployment)
        AND NOT EXISTS (SELECT FROM unnest(partitions) AS p(name) WHERE to_regclass(p.name) IS NULL);
    IF whose IS NULL OR NOT may_report OR NOT has_room OR cardinality(at) = 0 THEN
        RETURN;
    END IF;
    names := ARRAY(SELECT CAST(md5('live track ' || whose || ' ' || w.day || ' ' || told_by) AS uuid)
                   FROM unnest(days) WITH ORDINALITY AS w(day, place) ORDER BY w.place);
    LOOP
        PERFORM FROM track WHERE client_uuid = ANY (names) ORDER BY id FOR UPDATE;
        GET DIAGNOSTICS are_there = ROW_COUNT;
        EXIT WHEN are_there = cardinality(names);
        made := true;
        INSERT INTO track (device_id, mode, source, client_uuid, started_at, ended_at, fix_count, received_at)
        SELECT whose, moves, told_by, w.name, 'infinity', '-infinity', 0, now_is FROM unnest(names) AS w(name)
        ON CONFLICT (client_uuid) DO NOTHING;
    END LOOP;
    WITH mine AS (
        SELECT k.id, w.day FROM unnest(days, names) AS w(day, name) JOIN track k ON k.client_uuid = w.name
    ),
    stored AS (
        INSERT INTO fix (device_id, recorded_at, received_at, lon, lat, accuracy_m, speed_mps, heading_deg, mode, track_id)
        SELECT whose, c.at, now_is, c.lon, c.lat, c.accuracy, c.speed, c.heading, moves, mine.id
        FROM unnest(at, on_days, lons, lats, accuracies, speeds, headings) AS c(at, day, lon, lat, accuracy, speed, heading)
        JOIN mine ON mine.day = c.day ORDER BY c.at
        ON CONFLICT DO NOTHING
        RETURNING recorded_at, track_id
    ),
    by_day AS (
        SELECT track_id, min(recorded_at) AS first_at, max(recorded_at) AS last_at, count(*) AS fixes FROM stored GROUP BY track_id
    ),
    grown AS (
        UPDATE track t
        SET started_at = least(t.started_at, d.first_at), ended_at = greatest(t.ended_at, d.last_at),
            fix_count = t.fix_count + d.fixes
        FROM by_day d WHERE t.id = d.track_id
    ),
    noted AS (
        INSERT INTO arrival (device_id, first_at) SELECT whose, first_at FROM by_day
    )
    SELECT count(*) INTO stored_count FROM stored;
    IF made AND stored_count < cardinality(at) THEN
        DELETE FROM track WHERE client_uuid = ANY (names) AND fix_count = 0;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(TAKE_POSITIONS)


def downgrade() -> None:
    op.execute("DROP FUNCTION take_positions")
