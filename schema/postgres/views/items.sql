CREATE OR REPLACE VIEW sync_conflict AS SELECT * FROM sync_item WHERE kind = 'conflict';

CREATE OR REPLACE VIEW sync_quarantine AS SELECT * FROM sync_item WHERE kind = 'quarantine';
