-- What the node found damaged of what can be made anew, and made anew: shown by the status and the metrics. Run again
-- when it is missing itself.
CREATE TABLE IF NOT EXISTS derived_rebuild (
    what TEXT NOT NULL PRIMARY KEY,
    times INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
