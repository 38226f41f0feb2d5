-- Deleted text stands in the write-ahead log until that is written back and cut. Who deletes leaves a mark in the same
-- transaction, and whoever opens the file cuts the log: also when the process that deleted is gone.

CREATE TABLE review_scrub (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  -- Goes up with each text that is deleted.
  erased INTEGER NOT NULL,
  -- As far as that is cut from the log.
  scrubbed INTEGER NOT NULL
) STRICT;

-- Due from the start: an older file may have been left in the middle of it.
INSERT INTO review_scrub VALUES (1, 1, 0);

CREATE TRIGGER review_text_deleted AFTER DELETE ON review_text
BEGIN
  UPDATE review_scrub SET erased = erased + 1;
END;
