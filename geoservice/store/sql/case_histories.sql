-- Every case that something of the span belongs to, as it stood before :until: what its steps and clocks say. Joined cases are none.
-- Clocks go on being rewritten; what a deadline was is in its first move after the span.
WITH moved AS (
    SELECT DISTINCT ON (clock_id) clock_id, old_due_at FROM deadline_move WHERE at >= :until ORDER BY clock_id, id
),
wanted AS (
    SELECT id AS case_id FROM patrol_case WHERE reported_at >= :start AND reported_at < :until
    UNION
    SELECT case_id FROM case_step WHERE at >= :start AND at < :until
    UNION
    SELECT case_id FROM case_clock WHERE due_at >= :start AND due_at < :until
    UNION
    -- Late since before the span, and not put right by its end.
    SELECT case_id FROM case_clock
    WHERE stage = 'handle' AND due_at < :start AND (ended_at IS NULL OR ended_at >= :until)
    UNION
    SELECT k.case_id FROM moved JOIN case_clock k ON k.id = moved.clock_id WHERE moved.old_due_at < :until
    UNION
    SELECT case_id FROM case_step WHERE at >= :until AND action = 'grant_appeal'
),
steps AS (
    SELECT
        case_id,
        (array_agg(to_state ORDER BY number DESC))[1] AS state,
        min(at) FILTER (WHERE to_state = 'opened') AS opened_at,
        max(at) FILTER (WHERE action = 'reject') AS rejected_at,
        max(at) FILTER (WHERE action = 'close') AS closed_at,
        (array_agg(given ORDER BY number DESC) FILTER (WHERE action = 'assign'))[1] ->> 'department_id' AS department_id,
        (array_agg(given ORDER BY number DESC) FILTER (WHERE action = 'assign' AND given ? 'leader_id'))[1] ->> 'leader_id' AS leader_id,
        max(at) FILTER (WHERE action = 'reply') AS replied_at
    FROM case_step JOIN wanted USING (case_id)
    WHERE at < :until
    GROUP BY case_id
),
-- A rework that was appealed against with success never was one.
reworks AS (
    SELECT case_id, array_agg(at ORDER BY number) AS reworks
    FROM (
        SELECT case_id, number, at, action, lead(action) OVER (PARTITION BY case_id ORDER BY number) AS next_action
        FROM case_step JOIN wanted USING (case_id)
        WHERE at < :until AND (action = 'rework' OR action = 'grant_appeal' AND from_state = 'handling')
    ) told
    WHERE action = 'rework' AND next_action IS DISTINCT FROM 'grant_appeal'
    GROUP BY case_id
),
clocks AS (
    SELECT
        case_id,
        max(id) FILTER (WHERE stage = 'handle') AS handle_id,
        array_agg(coalesce(old_due_at, due_at) ORDER BY id) FILTER (WHERE stage = 'open') AS open_due,
        array_agg(CASE WHEN ended_at < :until THEN ended_at END ORDER BY id) FILTER (WHERE stage = 'open') AS open_ended,
        array_agg(coalesce(old_due_at, due_at) ORDER BY id) FILTER (WHERE stage = 'verify') AS check_due,
        array_agg(CASE WHEN ended_at < :until THEN ended_at END ORDER BY id) FILTER (WHERE stage = 'verify') AS check_ended
    FROM case_clock JOIN wanted USING (case_id) LEFT JOIN moved ON moved.clock_id = id
    WHERE started_at < :until
    GROUP BY case_id
)
SELECT
    -- whose it is
    c.id, c.number, c.zone_id, s.leader_id::int AS leader_id,
    CASE WHEN s.state NOT IN ('reported', 'opened', 'rejected') THEN s.department_id::int END AS department_id, c.member_id, c.reported_by,
    -- its history, field by field
    c.source, c.reported_at,
    CASE WHEN s.state NOT IN ('reported', 'rejected') THEN s.opened_at END AS opened_at,
    CASE WHEN s.state = 'rejected' THEN s.rejected_at END AS rejected_at,
    h.started_at AS assigned_at,
    CASE WHEN s.state NOT IN ('reported', 'opened', 'rejected', 'suspended') THEN coalesce(m.old_due_at, h.due_at) END AS due_at,
    CASE WHEN s.state IN ('replied', 'verified', 'closed') THEN s.replied_at END AS put_right_at,
    CASE WHEN s.state = 'closed' THEN s.closed_at END AS closed_at,
    c.recurrence,
    -- and what is many
    r.reworks, k.open_due, k.open_ended, k.check_due, k.check_ended, nullif(h.pauses, '[]') AS pauses
FROM steps s
JOIN patrol_case c ON c.id = s.case_id
LEFT JOIN reworks r ON r.case_id = c.id
LEFT JOIN clocks k ON k.case_id = c.id
LEFT JOIN case_clock h ON h.id = k.handle_id
LEFT JOIN moved m ON m.clock_id = h.id
WHERE s.state <> 'joined'
ORDER BY c.id
