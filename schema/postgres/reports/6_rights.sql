-- Who reads the reports: the role vetchart_report, and nothing else in the database.

-- The role belongs to the whole cluster: another database of it may have made it, or be making it now. Who may not
-- make roles migrates all the same, and an administrator does it by hand (docs/reports.md).
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vetchart_report') THEN
        CREATE ROLE vetchart_report NOLOGIN;
        ALTER ROLE vetchart_report SET statement_timeout = '30s';
        ALTER ROLE vetchart_report SET default_transaction_read_only = on;
        COMMENT ON ROLE vetchart_report IS 'Reads schema report of VetChart''s central, and nothing else';
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'the role vetchart_report was not made: this user may not make roles (docs/reports.md)';
END $$;

-- Gives the role its rights in this database; false: there is no such role.
CREATE OR REPLACE FUNCTION grant_report_reading() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vetchart_report') THEN
        RETURN false;
    END IF;
    GRANT USAGE ON SCHEMA report TO vetchart_report;
    GRANT SELECT ON ALL TABLES IN SCHEMA report TO vetchart_report;
    RETURN true;
END $$;

SELECT grant_report_reading();
