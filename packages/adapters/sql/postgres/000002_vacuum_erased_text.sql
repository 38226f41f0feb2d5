-- Deleted text stands in the table until it is vacuumed. So a row that died is reason enough: the server looks once in a
-- minute (autovacuum_naptime), and reads only the pages that changed.
ALTER TABLE review_text SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
  toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0);
