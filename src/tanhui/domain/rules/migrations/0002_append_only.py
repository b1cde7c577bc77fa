"""A change of rules that was approved stays as it was: what was decided is history."""

from importlib import import_module

from django.db import migrations

_BOOKS = import_module("tanhui.books.migrations.0003_append_only")


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial"), ("books", "0003_append_only")]

    operations = [
        migrations.RunSQL(_BOOKS.guard("rules_change"), migrations.RunSQL.noop),
    ]
