"""What matters keep, in words: every key has some, masses and money are readable."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.flows.registry.holders import an_office, owner_of, units_for
from tests.flows.registry.offices import an_organisation
from tests.flows.registry.test_unit_accounts import signed_in
from tests.flows.registry.test_uses import calculated, row

from tanhui.domain.matters.models import Matter
from tanhui.flows.registry import reading
from tanhui.interfaces.public.outcomes import HIDDEN, KEPT, Outcome, outcomes

CLAIMED = {"claimed_t": "0.005", "activity": "10", "unit": "kgCO2e"}


def names_of(given: list[Outcome]) -> set[str]:
    found = set()
    for one in given:
        found |= {str(one.name), *map(str, one.heads)} | names_of(list(one.parts))
    return found


def test_masses_money_tables_and_digests_are_readable() -> None:
    kept = {
        "totals": {"issuable_mg": 5_000_000_000, "issuable_t": "5", "buffer_mg": 1_500_000},
        "payments": [{"party": 1, "fen": 1_234, "day": "2025-03-03"}],
        "reports": {"2024-08": {"events": 2, "mg": 3_000_000}},
        "report_sha256": "ab" * 32,
        "is_large": None,
        "sample": ["1", "7"],
        "unheard_of": "x",
    }
    found = {str(one.name): one for one in outcomes(kept)}
    totals = {str(one.name): one.cell.text for one in found["合计"].parts if one.cell}
    assert totals == {"可签发量（吨）": "5", "缓冲量": "1.500 kg"}
    payments = found["已登记的支付"]
    assert [cell.text for cell in payments.rows[0]] == ["1", "2025-03-03", "12.34"]
    assert [cell.text for cell in found["上报数据"].rows[0]] == ["2024-08", "2", "3.000 kg"]
    cells = [found[name].cell for name in ("报告摘要", "是否大型活动", "抽样")]
    assert [cell.text for cell in cells if cell] == ["abababababababab…", "未知", "1、7"]
    assert "unheard_of" in found, "what has no words is shown as it is"
    assert HIDDEN.isdisjoint(KEPT)


@pytest.mark.django_db
def test_what_a_factor_contradicts_is_shown_to_the_holder_and_the_public() -> None:
    office, firm = an_office(), an_organisation()
    units_for(office, firm, 100)
    owner = owner_of(firm)
    use = calculated(office, firm, [row("酒店", "2.62") | CLAIMED | {"category": "stay"}])
    kept = reading.kept(office.platform, use)
    assert not {name for name in names_of(outcomes(kept)) if name.isascii() and name != "CO2e"}
    page = signed_in(owner).get(f"/desk/matters/{use.number}").content.decode()
    assert "平台核算与登记" in page
    assert '<span class="badge warn">否</span>' in page, "5 g is claimed, the line gives 10 kg"
    office.step(owner, use, "retire", data={"units": 1})
    use = Matter.objects.get(pk=use.pk)
    public = Client().get(f"/register/matters/{use.number}").content.decode()
    for words in ("大型活动碳中和", "0.005", '<span class="badge warn">否</span>'):
        assert words in public, words
    assert "retired_serials" not in public
