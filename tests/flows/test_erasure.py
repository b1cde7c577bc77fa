"""A person leaves: points lapse as an act, proofs hold, nothing leads back, others stay whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from django.contrib.auth import get_user_model
from tests.flows.deliveries import a_metro_ride, csv_of, deliver
from tests.flows.test_consents import VERSION, person_of, two_people

from tanhui.books import queries as books
from tanhui.books.acts import Act
from tanhui.books.holds import reserve
from tanhui.books.models import Account, Journal, LogEntry, Transfer
from tanhui.core.errors import Conflict, NotFound
from tanhui.domain.citizens import links, queries
from tanhui.domain.citizens.log_ins import give_log_in, make_log_in
from tanhui.domain.citizens.models import Identity
from tanhui.domain.citizens.references import digest_of
from tanhui.domain.consents.services import Said
from tanhui.domain.partners import queries as partners
from tanhui.flows import consents, own_data
from tanhui.flows.erasure import ERASED, erase, finish
from tanhui.flows.prove import prove
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db


def leave(ref: str) -> tuple[int, dict[str, object]]:
    person = person_of(ref)
    return person, erase(platform(), person, actor="citizen")


def assert_proofs_hold() -> None:
    assert [proof for proof in prove(platform()) if not proof.ok] == []


def test_points_lapse_as_an_act_and_reductions_stay_counted(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    logged = LogEntry.objects.count()
    person, done = leave("card:1")
    assert done["points_lapsed"] == 78
    assert (books.balance(person).mg, books.balance(person).points) == (784_000, 0)
    act = Journal.objects.get(verb=ERASED)
    (moved,) = Transfer.objects.filter(journal_id=act.pk)
    assert moved.amount == 78
    assert LogEntry.objects.count() == logged  # nothing public of one person's single act
    assert books.balance(person_of("card:2")).points == 78
    assert_proofs_hold()


def test_nothing_leads_back_and_the_partner_cannot_bring_the_person_back(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    platform().people_keys.make([person_of("card:1"), person_of("card:2")])
    person, _ = leave("card:1")
    key = platform().identity_key
    assert queries.find("card:1", key=key) is None
    assert queries.is_erased(person)
    assert platform().people_keys.find([person]) == {}
    assert len(platform().people_keys.find([person_of("card:2")])) == 1
    left = Identity.objects.get(digest=digest_of("card:1", key=key))
    assert left.sealed == links.ERASED
    receipt = deliver(tmp_path, two_people(2, 9))
    assert receipt["counts"] == {"credited": 1, "no_consent": 1}
    assert receipt["reasons"][0]["reason"] == "consent.withdrawn"  # no more is told to the partner
    assert books.balance(person).mg == 784_000
    assert_proofs_hold()


def test_an_old_copy_of_the_database_links_nobody_either(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    digest = digest_of("card:1", key=platform().identity_key)
    before = Identity.objects.get(digest=digest).sealed
    leave("card:1")
    Identity.objects.filter(digest=digest).update(sealed=before)  # as a restored copy would say
    assert queries.find("card:1", key=platform().identity_key) is None


def test_leaving_twice_or_as_nobody_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    person, _ = leave("card:1")
    acts = Journal.objects.count()
    with pytest.raises(Conflict, match="nothing more needs to be done"):
        erase(platform(), person, actor="citizen")
    with pytest.raises(NotFound):
        erase(platform(), 12345, actor="citizen")
    assert Journal.objects.count() == acts


def test_an_open_order_is_finished_first(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    person = person_of("card:1")
    account = Account.objects.get(owner_id=person, asset__unit="points")
    act = Act(verb="test.order", actor="t", at=datetime.now(UTC), key="order", request={})
    reserve(act, account.pk, 10, day=datetime.now(UTC).date())
    with pytest.raises(Conflict, match="finish or cancel"):
        erase(platform(), person, actor="citizen")
    assert person_of("card:1") == person
    assert books.balance(person).points == 78


def test_the_log_in_goes_and_a_members_stays(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    users = get_user_model()
    key = platform().identity_key
    mine = make_log_in("wang", "secret", person_of("card:1"), key=key)
    zhou = users.objects.create_user("zhou", is_staff=True)
    give_log_in(zhou.pk, person_of("card:2"), key=key)
    assert queries.person_of_user(mine.user_id) == person_of("card:1")
    for ref in ("card:1", "card:2"):
        leave(ref)
    assert list(users.objects.values_list("username", flat=True)) == ["zhou"]
    assert queries.person_of_user(users.objects.get().pk) is None


def test_the_same_name_may_come_back_as_somebody_else(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    key = platform().identity_key
    make_log_in("wang", "secret", person_of("card:1"), key=key)
    leave("card:1")
    again = make_log_in("wang", "secret", person_of("card:2"), key=key)
    assert queries.person_of_user(again.user_id) == person_of("card:2")


def test_every_link_of_a_person_is_found_and_nobody_elses(tmp_path: Path) -> None:
    """By marks that only the person's own key leads to: no two of them look alike."""
    deliver(tmp_path, two_people(1, 8))
    key, person = platform().identity_key, person_of("card:1")
    for name in ("wang", "wang-2", "wang-3"):
        make_log_in(name, "secret", person, key=key)
    make_log_in("zhou", "secret", person_of("card:2"), key=key)
    owners = list(Identity.objects.values_list("owner", flat=True))
    assert len(set(owners)) == len(owners) == 6
    leave("card:1")
    assert Identity.objects.filter(sealed=links.ERASED).count() == 4
    assert list(links.owner_marks(person)) == []
    assert queries.kept_name("zhou", key=key) != "zhou"
    assert person_of("card:2")


def test_what_a_crash_or_restored_keys_leave_is_finished(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    digest = digest_of("card:1", key=platform().identity_key)
    person, _ = leave("card:1")
    platform().people_keys.make([person])
    links.seal(np.array([person]), np.array([digest], dtype="S32"))
    assert finish(platform()) == {"people": 1, "links": 1}
    assert finish(platform()) == {"people": 0, "links": 0}
    assert len(platform().people_keys.find([person_of("card:2")])) <= 1


def test_who_agrees_anew_begins_a_new_account(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    old, _ = leave("card:1")
    partner = partners.get("metro-co")
    told = {"scene": "", "version": VERSION}
    for number, given in enumerate((False, True)):
        said = Said(via="key:k", at=datetime.now(UTC), key=f"{number}")
        if given:
            consents.forwarded(platform(), partner, "card:1", given=True, said=said, **told)
        else:
            with pytest.raises(Conflict):
                consents.forwarded(platform(), partner, "card:1", given=False, said=said, **told)
    deliver(tmp_path, two_people(2, 9)[:1])
    new = person_of("card:1")
    assert new != old
    assert books.balance(new).mg == 784_000
    assert books.balance(old).mg == 784_000
    assert own_data.who_looked(new) == []


def test_a_file_without_lines_is_closed_with_its_first_person(tmp_path: Path) -> None:
    """A Parquet file has one key, the batch's: nobody opens it any more, and nothing breaks."""
    path = tmp_path / "rides.parquet"
    pl.read_csv(csv_of(two_people(1, 8)), infer_schema=False).write_parquet(path)
    deliver(tmp_path, path.read_bytes(), name=path.name)
    assert platform().people_keys.find([-1])
    leave("card:1")
    assert platform().people_keys.find([-1]) == {}
    assert_proofs_hold()
