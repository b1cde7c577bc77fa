"""A table of values gives what the file gives; a table that is none is refused."""

from __future__ import annotations

import pytest
from tests.flows.registry.crediting import (
    a_cast,
    a_forest,
    a_period,
    handed_in,
    registered,
)
from tests.flows.registry.test_matters import refused

from tanhui.core.errors import InputRefused
from tanhui.domain.matters.models import Matter

pytestmark = pytest.mark.django_db

HEAD = "input,at,value,unit,source"
PLANT = f"""{HEAD}
generation,2024,1000.7,MWh,结算单
auxiliary,2024,0,MWh,
capacity,,900,kW,铭牌
price,,60,CNY/tCO2e,
"""
FOREST = f"""{HEAD}
area,north,100,ha,
species,north,杉木,,
volume,north/2018,50,m3/ha,
volume,north/2019,60,m3/ha,
volume,north/2020,70,m3/ha,
uncertainty,,0.05,,
baseline_rate,,0,tCO2/(ha*year),
leakage,2019,0,tCO2e,
leakage,2020,0,tCO2e,
risk,,0.1,,
"""


def test_a_plants_table_is_its_file() -> None:
    cast = a_cast()
    project = registered(cast)
    cast.office.wait(260)
    period = a_period(cast, project, 2024, 2024)
    step = cast.office.step
    for wrong, code in (
        (PLANT.replace(HEAD, "a,b"), "monitoring.table_malformed"),
        (PLANT + "generation,2024,1,MWh,\n", "monitoring.table_mixed"),
        (PLANT.replace("1000.7", "many"), "monitoring.refused"),
    ):
        digest = handed_in(cast, cast.owner, period, wrong.encode(), name="data.csv")
        refused(
            InputRefused,
            code,
            lambda given=digest: step(cast.owner, period, "report", data={"data_sha256": given}),
        )
    digest = handed_in(cast, cast.owner, period, PLANT.encode(), name="data.csv")
    step(cast.owner, period, "report", data={"data_sha256": digest})
    period = Matter.objects.get(pk=period.pk)
    assert period.data["totals"] == {"issuable_mg": "420294000000", "issuable_t": 420}


def test_a_forests_table_names_its_strata() -> None:
    cast = a_cast(is_demo=True)
    project = a_forest(cast)
    period = a_period(cast, project, 2019, 2020)
    digest = handed_in(cast, cast.owner, period, FOREST.encode(), name="forest.CSV")
    cast.office.step(cast.owner, period, "report", data={"data_sha256": digest})
    totals = Matter.objects.get(pk=period.pk).data["totals"]
    assert int(totals["issuable_mg"]) + int(totals["buffer_mg"]) == 2_383_489_481_706
