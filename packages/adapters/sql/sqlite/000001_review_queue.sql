-- The review queue. Times are milliseconds since the epoch. Never edit this file once released: add another.

CREATE TABLE review_item (
  -- The order of arrival.
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  subject_key TEXT,
  expires_at INTEGER NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('input', 'output', 'audit')),
  decision_id TEXT NOT NULL,
  binding_hash TEXT NOT NULL,
  content_digest TEXT NOT NULL,
  reasons TEXT NOT NULL,
  edits TEXT NOT NULL,
  priority INTEGER NOT NULL,
  deadline_at INTEGER,
  otherwise TEXT CHECK (otherwise IN ('allow', 'block')),
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'approved', 'rejected', 'expired')),
  revision INTEGER NOT NULL,
  claim_reviewer TEXT,
  claim_token TEXT,
  lease_until INTEGER,
  decided_by TEXT,
  decided_outcome TEXT CHECK (decided_outcome IN ('approve', 'reject')),
  decided_reason TEXT,
  decided_at INTEGER,
  -- The claim under which it was decided: the same decision again is a no-op.
  decided_token TEXT,
  grant_used_at INTEGER,
  erased_at INTEGER,
  -- When the next thing happens to the item by itself: its lease runs out, its deadline passes, its text is erased.
  due_at INTEGER,
  -- What the order of claims is made of, so that one index gives it.
  rank INTEGER NOT NULL GENERATED ALWAYS AS (-priority) VIRTUAL,
  deadline_rank INTEGER NOT NULL GENERATED ALWAYS AS (ifnull(deadline_at, 9007199254740991)) VIRTUAL,
  UNIQUE (tenant, key),
  CHECK ((deadline_at IS NULL) = (otherwise IS NULL)),
  CHECK ((state = 'claimed') = (claim_token IS NOT NULL)),
  CHECK ((claim_token IS NULL) = (claim_reviewer IS NULL) AND (claim_token IS NULL) = (lease_until IS NULL)),
  CHECK ((state IN ('approved', 'rejected')) = (decided_at IS NOT NULL)),
  CHECK (state NOT IN ('open', 'claimed') OR (due_at IS NOT NULL AND erased_at IS NULL))
) STRICT;

-- The kind last, so that a list of one kind is filtered within the index.
CREATE INDEX review_item_order ON review_item (state, rank, deadline_rank, seq, kind);
CREATE INDEX review_item_tenant_order ON review_item (tenant, state, rank, deadline_rank, seq, kind);
CREATE INDEX review_item_due ON review_item (due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX review_item_subject ON review_item (tenant, subject_key, seq)
  WHERE subject_key IS NOT NULL AND erased_at IS NULL;

-- All text, apart from the rows that stay: erasing is deleting here.
CREATE TABLE review_text (
  seq INTEGER PRIMARY KEY REFERENCES review_item (seq),
  tenant TEXT NOT NULL,
  subject_key TEXT,
  expires_at INTEGER NOT NULL,
  content TEXT NOT NULL,
  note TEXT
) STRICT;

-- The append-only log. The hash chains each entry to the one before it (see event-chain.ts).
CREATE TABLE review_event (
  sequence INTEGER PRIMARY KEY,
  item INTEGER NOT NULL REFERENCES review_item (seq),
  tenant TEXT NOT NULL,
  subject_key TEXT,
  expires_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE INDEX review_event_item ON review_event (item, sequence);
CREATE INDEX review_event_tenant ON review_event (tenant, sequence);

CREATE TRIGGER review_event_no_update BEFORE UPDATE ON review_event
BEGIN
  SELECT RAISE(ABORT, 'review_event is append-only');
END;

CREATE TRIGGER review_event_no_delete BEFORE DELETE ON review_event
BEGIN
  SELECT RAISE(ABORT, 'review_event is append-only');
END;

-- Also refuses INSERT OR REPLACE, which deletes without calling the trigger above.
CREATE TRIGGER review_event_next_only BEFORE INSERT ON review_event
WHEN NEW.sequence IS NOT (SELECT ifnull(max(sequence), 0) + 1 FROM review_event)
BEGIN
  SELECT RAISE(ABORT, 'review_event is append-only');
END;
