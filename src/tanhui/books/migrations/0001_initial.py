"""Assets, accounts, journal, balances, lots and batch manifests."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=80, unique=True)),
                ("unit", models.CharField(max_length=16)),
                ("scale", models.SmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Journal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=200, unique=True)),
                ("verb", models.CharField(max_length=60)),
                ("actor", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                ("request_hash", models.BinaryField(max_length=32)),
                ("detail", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("owner_id", models.BigIntegerField()),
                ("owner_kind", models.CharField(max_length=16)),
                ("role", models.CharField(max_length=40)),
                ("floor_zero", models.BooleanField()),
                (
                    "asset",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="books.asset",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("public_id", models.CharField(max_length=40, unique=True)),
                ("partner_id", models.BigIntegerField(db_index=True)),
                ("feed", models.CharField(max_length=60)),
                ("feed_config", models.JSONField()),
                ("feed_config_sha256", models.CharField(max_length=64)),
                ("source_name", models.CharField(max_length=255)),
                ("source_sha256", models.CharField(max_length=64)),
                ("source_bytes", models.BigIntegerField()),
                ("idempotency_key", models.CharField(max_length=120, null=True)),
                ("received_at", models.DateTimeField()),
                ("n_rows", models.BigIntegerField()),
                ("counts", models.JSONField()),
                ("reasons", models.JSONField()),
                ("mg_credited", models.BigIntegerField()),
                ("mg_reversed", models.BigIntegerField()),
                ("points_credited", models.BigIntegerField()),
                ("points_reversed", models.BigIntegerField()),
                ("n_events", models.BigIntegerField()),
                ("methodologies", models.JSONField()),
                ("uri", models.CharField(max_length=200)),
                ("files", models.JSONField()),
                ("buckets", models.JSONField()),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
                ("code_version", models.CharField(max_length=60)),
                ("prev_digest", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "journal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch",
                        to="books.journal",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "earned_on",
                        "journal_id",
                        "source_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("earned_on", models.DateField()),
                ("expires_on", models.DateField()),
                ("amount", models.BigIntegerField()),
                ("left", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lots",
                        to="books.account",
                    ),
                ),
                (
                    "journal",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lots",
                        to="books.journal",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lots_issued",
                        to="books.account",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        serialize=False,
                        to="books.account",
                    ),
                ),
                ("debits", models.BigIntegerField()),
                ("credits", models.BigIntegerField()),
                ("held", models.BigIntegerField()),
                ("floor_zero", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("debits__gte", 0), ("credits__gte", 0), ("held__gte", 0)
                        ),
                        name="books_balance_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("floor_zero", False),
                            (
                                "credits__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("debits"), "+", models.F("held")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="books_balance_floor",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("owner_id", "asset", "owner_kind", "role"), name="books_account_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(
                fields=("partner_id", "feed", "feed_config_sha256", "source_sha256"),
                name="books_batch_source_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(
                fields=("partner_id", "idempotency_key"), name="books_batch_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seq__gte", 1),
                    ("n_rows__gte", 0),
                    ("mg_credited__gte", 0),
                    ("mg_reversed__gte", 0),
                    ("points_credited__gte", 0),
                    ("points_reversed__gte", 0),
                ),
                name="books_batch_sums",
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(("left__gte", 0), ("left__lte", models.F("amount"))),
                name="books_lot_left_inside",
            ),
        ),
    ]
