-- A clinic's time zone has the form of one: UTC, or an Area/Place. Whether there is such a place this file cannot know;
-- the program and central do (docs/schema.md, "Time zones"). A zone that stands already stays until somebody changes it.

DROP TRIGGER clinic_before_insert;
DROP TRIGGER clinic_before_update;

CREATE TRIGGER clinic_before_insert BEFORE INSERT ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM clinic WHERE id = NEW.id) THEN RAISE(ABORT, 'replace_refused: clinic.id is taken')
        WHEN NEW.rowid > 0 AND EXISTS (SELECT 1 FROM clinic WHERE rowid = NEW.rowid)
        THEN RAISE(ABORT, 'replace_refused: clinic.rowid is taken')
        WHEN EXISTS (SELECT 1 FROM clinic WHERE code = NEW.code)
        THEN RAISE(ABORT, 'replace_refused: clinic.code is taken')
        WHEN NEW.timezone IS NOT 'UTC' AND (NEW.timezone NOT GLOB '[A-Z]*/[A-Z]*'
            OR NEW.timezone GLOB '*[^A-Za-z0-9_+/-]*' OR NEW.timezone GLOB '*/[^A-Z]*' OR NEW.timezone GLOB '*/')
        THEN RAISE(ABORT, 'unknown_timezone: a time zone is UTC or a name such as Europe/Berlin')
    END;
END;

CREATE TRIGGER clinic_before_update BEFORE UPDATE ON clinic
WHEN (SELECT applying FROM sync_control) = 0
BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id THEN RAISE(ABORT, 'immutable: clinic.id never changes')
        WHEN NEW.rowid IS NOT OLD.rowid THEN RAISE(ABORT, 'immutable: clinic.rowid never changes')
        WHEN EXISTS (SELECT 1 FROM clinic WHERE code = NEW.code AND id <> NEW.id)
        THEN RAISE(ABORT, 'replace_refused: clinic.code is taken')
        WHEN NEW.timezone IS NOT OLD.timezone AND NEW.timezone IS NOT 'UTC' AND (NEW.timezone NOT GLOB '[A-Z]*/[A-Z]*'
            OR NEW.timezone GLOB '*[^A-Za-z0-9_+/-]*' OR NEW.timezone GLOB '*/[^A-Z]*' OR NEW.timezone GLOB '*/')
        THEN RAISE(ABORT, 'unknown_timezone: a time zone is UTC or a name such as Europe/Berlin')
    END;
END;
