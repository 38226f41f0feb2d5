-- The review queue. Times are milliseconds since the epoch. Never edit this file once released: add another.
-- It runs with the queue's schema, pg_catalog and pg_temp as its search path, which each function keeps: a session's temporary
-- tables stand for none of these.

CREATE TABLE review_item (
  -- The order of arrival.
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  tenant text NOT NULL,
  subject_key text,
  expires_at bigint NOT NULL,
  -- SHA-256 of tenant and key, and of tenant and subject: names of any length fit an index.
  key_digest text NOT NULL UNIQUE,
  subject_digest text,
  kind text NOT NULL,
  team text NOT NULL,
  state text NOT NULL,
  revision integer NOT NULL,
  -- The order of claims: priority, deadline, arrival.
  rank integer NOT NULL,
  deadline_rank bigint NOT NULL,
  -- When the next thing happens to the item by itself.
  due_at bigint,
  -- The reviewers to whom it is not handed.
  excluded text[] NOT NULL,
  -- Everything else that callers see of it, as JSON; its text aside.
  entry text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
-- Vacuumed early: what was claimed leaves dead entries at the very head of the order that claims read.

CREATE INDEX review_item_order ON review_item (state, rank, deadline_rank, seq);
CREATE INDEX review_item_tenant_order ON review_item (tenant, state, rank, deadline_rank, seq);
CREATE INDEX review_item_team_order ON review_item (team, state, rank, deadline_rank, seq);
CREATE INDEX review_item_due ON review_item (due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX review_item_subject ON review_item (subject_digest, seq) WHERE subject_digest IS NOT NULL;

-- All text, apart from the rows that stay: erasing is deleting here.
CREATE TABLE review_text (
  seq bigint PRIMARY KEY REFERENCES review_item (seq),
  tenant text NOT NULL,
  subject_key text,
  expires_at bigint NOT NULL,
  content text NOT NULL
);

-- The append-only log. The hash chains each entry to the one before it (see event-chain.ts).
CREATE TABLE review_event (
  sequence bigint PRIMARY KEY,
  item_id text NOT NULL REFERENCES review_item (id),
  tenant text NOT NULL,
  subject_key text,
  expires_at bigint NOT NULL,
  kind text NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL,
  detail text NOT NULL,
  hash text NOT NULL
);

CREATE INDEX review_event_item ON review_event (item_id, sequence);
CREATE INDEX review_event_tenant ON review_event (tenant, sequence);

CREATE FUNCTION review_event_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  RAISE EXCEPTION 'review_event is append-only';
END $$;

CREATE TRIGGER review_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_event
FOR EACH STATEMENT EXECUTE FUNCTION review_event_refuse();

-- How far in the log each of those who follow it has come.
CREATE TABLE review_cursor (
  name text PRIMARY KEY,
  sequence bigint NOT NULL
);

-- Writes what a group of calls changed, and logs it: the last statement before the commit, so that the log's lock is held
-- for as long as the commit takes and never while a client thinks, stalls or dies. PR001: somebody else was first.
-- Without sequential scans: a session keeps the plans that it made while the tables were empty.
CREATE FUNCTION review_write(changes json) RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT SET enable_seqscan = off AS $$
DECLARE
  written bigint;
  head record;
  event record;
BEGIN
  -- Before the new items: one that is erased gives up its key.
  UPDATE review_item SET key_digest = item.key_digest, team = item.team, state = item.state,
    revision = item.revision, rank = item.rank, deadline_rank = item.deadline_rank, due_at = item.due_at,
    excluded = item.excluded, entry = item.entry
  FROM json_to_recordset(changes -> 'updates') AS item (id text, key_digest text, team text, state text,
    revision integer, was integer, rank integer, deadline_rank bigint, due_at bigint, excluded text[], entry text)
  WHERE review_item.id = item.id AND review_item.revision = item.was;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> json_array_length(changes -> 'updates') THEN
    RAISE EXCEPTION USING ERRCODE = 'PR001', MESSAGE = 'an item has changed';
  END IF;

  INSERT INTO review_item (id, tenant, subject_key, expires_at, key_digest, subject_digest, kind, team, state, revision,
    rank, deadline_rank, due_at, excluded, entry)
  SELECT id, tenant, subject_key, expires_at, key_digest, subject_digest, kind, team, state, revision, rank,
    deadline_rank, due_at, excluded, entry
  FROM json_to_recordset(changes -> 'inserts') AS item (place integer, id text, tenant text, subject_key text,
    expires_at bigint, key_digest text, subject_digest text, kind text, team text, state text, revision integer,
    rank integer, deadline_rank bigint, due_at bigint, excluded text[], entry text)
  ORDER BY place
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> json_array_length(changes -> 'inserts') THEN
    RAISE EXCEPTION USING ERRCODE = 'PR001', MESSAGE = 'an item with this key has come';
  END IF;

  INSERT INTO review_text (seq, tenant, subject_key, expires_at, content)
  SELECT review_item.seq, review_item.tenant, review_item.subject_key, review_item.expires_at, item.content
  FROM json_to_recordset(changes -> 'texts') AS item (id text, content text) JOIN review_item USING (id)
  ON CONFLICT (seq) DO UPDATE SET content = excluded.content;

  DELETE FROM review_text USING review_item
  WHERE review_text.seq = review_item.seq
    AND review_item.id IN (SELECT json_array_elements_text(changes -> 'erased'));

  IF json_array_length(changes -> 'events') > 0 THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(current_schema() || '.review_event', 0));
    SELECT sequence, hash INTO head FROM review_event ORDER BY sequence DESC LIMIT 1;
    IF NOT FOUND THEN
      SELECT 0::bigint AS sequence, repeat('0', 64) AS hash INTO head;
    END IF;
    FOR event IN
      SELECT * FROM json_to_recordset(changes -> 'events') AS entry (place integer, item_id text, tenant text,
        subject_key text, expires_at bigint, kind text, at bigint, actor text, detail text, digest text)
      ORDER BY place
    LOOP
      head.sequence := head.sequence + 1;
      head.hash := encode(sha256(convert_to(head.hash || ':' || head.sequence || ':' || event.digest, 'UTF8')), 'hex');
      INSERT INTO review_event (sequence, item_id, tenant, subject_key, expires_at, kind, at, actor, detail, hash)
      VALUES (head.sequence, event.item_id, event.tenant, event.subject_key, event.expires_at, event.kind, event.at,
        event.actor, event.detail, head.hash);
    END LOOP;
  END IF;

  IF changes ->> 'settled' <> '' THEN
    PERFORM pg_notify(changes ->> 'channel', changes ->> 'settled');
  END IF;
END $$;
