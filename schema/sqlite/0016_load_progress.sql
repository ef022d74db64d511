-- How far a pull of several pages is: rows that arrived since it began, and how many the clinic's feed has (about: it
-- was counted when the load began; NULL when nobody asked).

ALTER TABLE sync_cursor ADD COLUMN page_rows INTEGER NOT NULL DEFAULT 0
    CONSTRAINT sync_cursor_page_rows_check CHECK (page_rows >= 0);
ALTER TABLE sync_cursor ADD COLUMN feed_rows INTEGER
    CONSTRAINT sync_cursor_feed_rows_check CHECK (feed_rows >= 0);
