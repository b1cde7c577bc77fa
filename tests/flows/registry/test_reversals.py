"""Losses are replaced from the buffer and then by the owner; every tonne is accounted for."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flows.registry.crediting import (
    Cast,
    a_cast,
    a_forest,
    a_verifier,
    decided,
    forest_data,
    noticed,
    reported,
)
from tests.flows.registry.test_matters import refused

from tanhui.books import serials
from tanhui.books.accounts import ensure_owner
from tanhui.books.acts import Act, record
from tanhui.books.assets import credit_code, ensure_assets
from tanhui.books.models import Issue
from tanhui.books.proofs import prove
from tanhui.core.errors import Conflict
from tanhui.domain.matters import services
from tanhui.domain.matters.models import Matter
from tanhui.domain.matters.services import Beginning, Who
from tanhui.engine.project.results import Vintage, made_good
from tanhui.flows.registry.effects import Moment
from tanhui.flows.registry.matters import today
from tanhui.flows.registry.monitoring_reports import vintages_of
from tanhui.flows.registry.project_units import issue, plan_of, replace_loss

pytestmark = pytest.mark.django_db

GROWN = {2018: "50", 2019: "60", 2020: "70"}


def asset_of(cast: Cast) -> int:
    code = credit_code(cast.office.platform.programme)
    return ensure_assets([code])[code]


def states(cast: Cast) -> dict[str, int]:
    return serials.totals(asset_of(cast))


@pytest.fixture
def forest() -> tuple[Cast, Matter]:
    cast = a_cast(is_demo=True)
    project = a_forest(cast)
    period = reported(cast, project, forest_data(project, GROWN), 2019, 2020)
    period = noticed(cast, period, a_verifier())
    plan = plan_of(cast.office.platform, project, vintages_of(period))
    # 20 m3/ha on 100 ha of 杉木: 2,000 * 0.307 * 1.634 * 1.246 * 0.52 * 44/12 = 2,383.49 tCO2
    assert (plan.units, sum(units for _, units in plan.buffer)) == (2383, 238)
    decided(cast, period, "issue", {"units": plan.units})
    return cast, Matter.objects.get(pk=project.pk)


def test_a_buffer_is_issued_beside_the_owners_units(forest: tuple[Cast, Matter]) -> None:
    cast, project = forest
    buffer = ensure_owner("buffer", project.pk, asset_of(cast))
    held = sum(block.serials.units for block in serials.open_blocks(buffer))
    assert (held, states(cast)) == (238, {"held": 2383})
    assert {each.is_demo for each in Issue.objects.all()} == {True}
    assert [each.batch.rpartition("-")[2] for each in Issue.objects.order_by("pk")] == [
        "0001/2019",
        "0001/2020",
        "0001/2019/buffer",
        "0001/2020/buffer",
    ]


def test_a_period_that_lost_is_replaced_from_the_buffer_first(
    forest: tuple[Cast, Matter],
) -> None:
    cast, project = forest
    data = forest_data(project, {2020: "70", 2021: "69.5", 2022: "69"})
    period = noticed(cast, reported(cast, project, data, 2021, 2022), a_verifier())
    refused(
        Conflict,
        "monitoring.loss_first",
        lambda: cast.office.step(cast.first, period, "issue", data={"units": 0}),
    )
    done = decided(cast, period, "replace", {})
    assert int(done["loss_mg"]) > 0
    assert done["buffer"]
    assert not done["owner"]
    assert states(cast) == {"held": 2383 - done["cancelled"], "cancelled": done["cancelled"]}
    assert all(proof.ok for proof in prove())


def test_a_fire_suspends_a_project_until_its_loss_is_replaced(
    forest: tuple[Cast, Matter],
) -> None:
    cast, project = forest
    office = cast.office
    office.step(cast.first, project, "suspend")
    refused(
        Conflict,
        "matter.step.forbidden",
        lambda: office.step(cast.owner, project, "withdraw"),
    )
    office.paper(cast.first, project, "disturbance_report")
    before = states(cast)
    office.step(cast.first, project, "reverse", data={"loss_t": "9999"})
    error = refused(
        Conflict,
        "project.loss_uncovered",
        lambda: office.step(cast.second, project, "reverse", data={"loss_t": "9999"}),
    )
    assert error.values["buffer"] + error.values["owner"] == 2383
    assert states(cast) == before
    office.step(cast.first, project, "reverse", data={"loss_t": "400.5"})
    done = office.step(cast.second, project, "reverse", data={"loss_t": "400.5"}).result
    taken = {name: [_units(text) for text in done[name]] for name in ("buffer", "owner")}
    assert sum(taken["buffer"]) == 238
    assert done["cancelled"] == 238 + sum(taken["owner"])
    for caller in (cast.first, cast.second):
        office.step(caller, project, "resume")
    assert Matter.objects.get(pk=project.pk).state == "registered"


MG = st.integers(-3 * 10**9, 5 * 10**9)
HISTORY = st.lists(
    st.lists(
        st.tuples(MG, st.integers(0, 10**9), st.integers(-2 * 10**9, 0)), min_size=1, max_size=3
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=HISTORY)
def test_over_any_history_every_tonne_is_accounted_for(history: Any) -> None:
    """Issued less cancelled, with what is carried, is what the accepted periods netted."""
    with transaction.atomic():
        cast = a_cast()
        project = _a_registered(cast)
        netted = buffered = 0
        year = 2020
        told: list[str] = []
        for number, amounts in enumerate(history):
            rows = _rows(year, amounts)
            year += len(amounts)
            if _settled(cast, project, rows, number, told=told):
                netted += sum(row["issuable_mg"] + row["reversal_mg"] for row in rows)
                buffered += sum(row["buffer_mg"] for row in rows)
        assert set(told) <= {"project.loss_uncovered"}
        unit = 10**9
        found = states(cast)
        to_buffer = sum(
            each.serials.upper - each.serials.lower
            for each in Issue.objects.filter(batch__endswith="/buffer")
        )
        issued = sum(found.values()) - to_buffer
        carried = int(project.data.get("carried_mg", "0"))
        kept = int(project.data.get("buffer_carried_mg", "0"))
        assert netted == unit * (issued - found.get("cancelled", 0)) + carried
        assert buffered == unit * to_buffer + kept
        assert all(proof.ok for proof in prove())
        transaction.set_rollback(True)


def _settled(
    cast: Cast, project: Matter, rows: list[dict[str, int]], number: int, *, told: list[str]
) -> bool:
    """Issue or replace a period; False where a loss found too few units, and nothing changed."""
    moment = _moment(cast, project, number)
    plan = plan_of(cast.office.platform, project, rows)
    before = (dict(project.data), states(cast))
    try:
        with transaction.atomic():
            keep = issue(moment, project, plan, proof={}).keep
            services.keep(project, keep)
            if plan.loss_mg:
                services.keep(project, replace_loss(moment, project, loss_mg=plan.loss_mg).keep)
    except Conflict as error:
        told.append(error.code)
        project.refresh_from_db()
        assert (project.data, states(cast)) == before
        return False
    return True


def _a_registered(cast: Cast) -> Matter:
    return services.begin(
        Beginning(
            kind="project",
            letter="P",
            region="310115",
            title="项目",
            state="registered",
            organisation=cast.body.pk,
            parent=None,
            data={},
            is_demo=False,
        ),
        at=cast.office.now,
    )


def _moment(cast: Cast, project: Matter, number: int) -> Moment:
    period = services.begin(
        Beginning(
            kind="monitoring",
            letter="M",
            region="310115",
            title="监测期",
            state="noticed",
            organisation=cast.body.pk,
            parent=project,
            data={},
            is_demo=False,
        ),
        at=cast.office.now,
    )
    key = f"{project.number}/{number}"
    act = Act(verb="registry.test", actor="test", at=cast.office.now, key=key, request={})
    return Moment(
        platform=cast.office.platform,
        matter=period,
        verb="issue",
        data={},
        who=Who(user=1, role="authority"),
        at=cast.office.now,
        today=today(cast.office.platform),
        journal=record(act).journal,
    )


def _rows(first: int, amounts: list[tuple[int, int, int]]) -> list[dict[str, int]]:
    vintages = [
        Vintage(first + at, {"issuable": gain, "buffer": buffer, "reversal": lost}, {})
        for at, (gain, buffer, lost) in enumerate(amounts)
    ]
    return [
        {"year": each.year, "carried_mg": carried} | {f"{k}_mg": mg for k, mg in each.mg.items()}
        for each, carried in zip(vintages, made_good(vintages), strict=True)
    ]


def _units(serials_text: str) -> int:
    first, _, last = serials_text.partition("-")
    return int(last) - int(first) + 1
