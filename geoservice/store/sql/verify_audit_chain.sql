-- The first entry that breaks the chain. Each hash is computed again as the trigger audit_chain computed it.
SELECT id
FROM (
    SELECT
        id,
        hash,
        previous_hash,
        lag(hash, 1, ''::bytea) OVER (ORDER BY id) AS hash_before,
        sha256(previous_hash || convert_to(jsonb_build_array(
            id, extract(epoch FROM at), user_id, action, object_kind, object_id, detail
        )::text, 'UTF8')) AS hash_computed
    FROM audit_entry
) AS link
WHERE previous_hash <> hash_before OR hash <> hash_computed
ORDER BY id
LIMIT 1
