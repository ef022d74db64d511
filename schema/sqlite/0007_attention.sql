-- Who wrote the value that a conflict left in place, and when: a person who compares two versions asks for both.

ALTER TABLE sync_item ADD COLUMN theirs_actor TEXT;
ALTER TABLE sync_item ADD COLUMN theirs_at TEXT;
ALTER TABLE sync_item ADD COLUMN theirs_node TEXT;
