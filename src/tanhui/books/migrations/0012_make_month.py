"""A month's partition is made as the owner, so that the role of the running platform need not be.

The look whether it is there stays with the caller: that is nearly always all there is to do.
"""

from django.db import migrations

MAKE = """
CREATE FUNCTION books_make_month(p_day date) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER AS $$
DECLARE
    v_name text := 'books_transfer_' || to_char(p_day, 'YYYY_MM');
    v_first date := date_trunc('month', p_day);
BEGIN
    PERFORM pg_advisory_xact_lock(127961812959234);  -- locks.lock_posting
    -- Not to_regclass: it may remember from before the wait that there was no such table.
    IF EXISTS (SELECT FROM pg_class c WHERE c.relname = v_name
               AND c.relnamespace = current_schema()::regnamespace) THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE books_transfer INCLUDING DEFAULTS INCLUDING CONSTRAINTS);'
        'CREATE TRIGGER books_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION books_refuse_change();'
        'ALTER TABLE books_transfer ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        v_name, v_name, v_name, v_first, (v_first + interval '1 month')::date);
    RETURN true;
END $$;
DO $$ BEGIN  -- whose search path a caller sets must not matter to what runs as the owner
    EXECUTE format('ALTER FUNCTION books_make_month SET search_path = %I, pg_temp',
        current_schema());
END $$;
CREATE OR REPLACE FUNCTION books_ensure_month(p_day date) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('books_transfer_' || to_char(p_day, 'YYYY_MM')) IS NOT NULL THEN
        RETURN false;
    END IF;
    RETURN books_make_month(p_day);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0011_incidents")]

    operations = [migrations.RunSQL(MAKE, migrations.RunSQL.noop)]
