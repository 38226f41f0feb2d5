-- Teams, escalation, opinions, undo and appeals. An item becomes one document, as the rules know it (StoredItem of
-- @parapet/sdk), with columns beside it only for what queries need; reviewers' words become a list, one for each opinion.

CREATE TABLE review_item_2 (
  -- The order of arrival.
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  subject_key TEXT,
  expires_at INTEGER NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('input', 'output', 'audit')),
  team TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'decided', 'approved', 'rejected', 'expired')),
  priority INTEGER NOT NULL,
  deadline_at INTEGER,
  -- When the next thing happens to the item by itself: its lease runs out, it is escalated, a decision takes effect, its
  -- deadline passes, its text is erased.
  due_at INTEGER,
  erased_at INTEGER,
  -- A JSON array of the reviewers to whom it is not handed; NULL for none.
  excluded TEXT,
  -- The item as JSON, without text.
  document TEXT NOT NULL,
  -- What the order of claims is made of, so that one index gives it.
  rank INTEGER NOT NULL GENERATED ALWAYS AS (-priority) VIRTUAL,
  deadline_rank INTEGER NOT NULL GENERATED ALWAYS AS (ifnull(deadline_at, 9007199254740991)) VIRTUAL,
  UNIQUE (tenant, key),
  CHECK (state NOT IN ('open', 'claimed', 'decided') OR (due_at IS NOT NULL AND erased_at IS NULL))
) STRICT;

-- json_patch leaves out what is NULL.
INSERT INTO review_item_2 (seq, id, tenant, subject_key, expires_at, key, kind, team, state, priority, deadline_at, due_at,
  erased_at, excluded, document)
SELECT seq, id, tenant, subject_key, expires_at, key, kind, 'default', state, priority, deadline_at, due_at, erased_at,
  CASE WHEN decided_by IS NOT NULL THEN json_array(decided_by) END,
  json_patch('{}', json_object(
    'id', id, 'key', key, 'kind', kind, 'tenant', tenant, 'subjectKey', subject_key, 'decisionId', decision_id,
    'bindingHash', binding_hash, 'contentDigest', content_digest, 'reasons', json(reasons), 'edits', json(edits),
    'team', 'default', 'priority', priority, 'opinions', 1, 'undoMs', 0, 'deadlineAt', deadline_at,
    'otherwise', otherwise, 'expiresAt', expires_at, 'state', state, 'createdAt', created_at, 'revision', revision,
    'claim', CASE WHEN claim_token IS NOT NULL
      THEN json_object('reviewer', claim_reviewer, 'token', claim_token, 'leaseUntil', lease_until) END,
    'given', CASE WHEN decided_at IS NULL THEN json_array() ELSE json_array(json_patch('{}', json_object(
      'reviewer', decided_by, 'token', ifnull(decided_token, ''), 'outcome', decided_outcome, 'reason', decided_reason,
      'decidedAt', decided_at))) END,
    'skippedBy', json_array(), 'barred', json_array(), 'grantUsedAt', grant_used_at, 'erasedAt', erased_at))
FROM review_item;

DROP TABLE review_item;
ALTER TABLE review_item_2 RENAME TO review_item;

-- The kind last, so that a list of one kind is filtered within the index; so is one team of a tenant within the tenant's.
-- An index more for both would cost every enqueue a page.
CREATE INDEX review_item_order ON review_item (state, rank, deadline_rank, seq, kind);
CREATE INDEX review_item_tenant_order ON review_item (tenant, state, rank, deadline_rank, seq, team, kind);
CREATE INDEX review_item_team_order ON review_item (team, state, rank, deadline_rank, seq, kind);
CREATE INDEX review_item_due ON review_item (due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX review_item_subject ON review_item (tenant, subject_key, seq)
  WHERE subject_key IS NOT NULL AND erased_at IS NULL;

-- A JSON array, one object an opinion: { "note": …, "answer": … }.
ALTER TABLE review_text RENAME COLUMN note TO words;
UPDATE review_text SET words = json_array(json_object('note', words)) WHERE words IS NOT NULL;
