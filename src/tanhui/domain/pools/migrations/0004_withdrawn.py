"""What lost its mandate between two pools of a chain is left out of the next, and counted."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pools", "0003_rides"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="poolissue",
            name="pools_issue_conserves",
        ),
        migrations.AddField(
            model_name="poolissue",
            name="withdrawn",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="poolissue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "gathered",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("discount"), "+", models.F("debts")
                                                ),
                                                "+",
                                                models.F("owed_in"),
                                            ),
                                            "-",
                                            models.F("carried_in"),
                                        ),
                                        "+",
                                        models.F("withdrawn"),
                                    ),
                                    "+",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("units"), "*", models.F("unit_mg")
                                    ),
                                ),
                                "+",
                                models.F("carried"),
                            ),
                            "-",
                            models.F("owed"),
                        ),
                    )
                ),
                name="pools_issue_conserves",
            ),
        ),
    ]
