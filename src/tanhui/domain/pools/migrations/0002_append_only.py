"""What was issued from a pool is for good: no row of it is changed or deleted."""

from django.db import migrations

TABLES = ("pools_poolissue", "pools_settled")


class Migration(migrations.Migration):
    dependencies = [("pools", "0001_initial"), ("books", "0003_append_only")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER books_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION books_refuse_change()",
            f"DROP TRIGGER books_append_only ON {table}",
        )
        for table in TABLES
    ]
