"""The small city with a pool issued from its rides, and uses that ask for gifts.

    python -m tests.web.giving_city FOLDER

Units are of a kilogram here. Prints the numbers of the uses as JSON: `open` takes gifts, `silent`
does not, `retired` took a gift of the citizen and was retired.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

from tanhui.interfaces.database import ensure_database

RETIRED_GIFT_MG = 100_000


def build(folder: Path) -> dict[str, str]:
    """Pool, issue, three uses."""
    from tests.flows.registry.holders import owner_of
    from tests.flows.registry.offices import a_key, an_organisation
    from tests.flows.registry.pooling import PoolOffice
    from tests.web.small_city import PARTNER

    from tanhui.domain.citizens import queries as citizens
    from tanhui.domain.matters import queries
    from tanhui.flows.registry.donations import donate_grams

    pooling = PoolOffice(folder)
    pooling.issued(partner=PARTNER)
    office, organiser = pooling.office, pooling.owner
    an_organisation(parent=organiser.pk, name_zh="测试子公司", name_en="Test subsidiary")
    owner = owner_of(organiser)

    def a_use(title: str, **data: object) -> str:
        given = {"purpose": "voluntary", "beneficiary": title} | data
        use = office.open(owner, "use", organisation=organiser.pk, title=title, data=given)
        return use.number

    retired = a_use("测试植树节", takes_gifts=True)
    person = citizens.find("card:1", key=office.platform.identity_key)
    assert person is not None
    donate_grams(office.platform, person, use=retired, mg=RETIRED_GIFT_MG, key=a_key())
    office.step(owner, queries.get(retired), "retire", data={"units": 2})
    return {
        "retired": retired,
        "open": a_use("测试马拉松", takes_gifts=True),
        "silent": a_use("测试内部事项"),
    }


if __name__ == "__main__":
    ensure_database()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tanhui.interfaces.settings"
    django.setup()
    sys.stdout.write(json.dumps(build(Path(sys.argv[1]))))
