"""A reference is one person, whoever asks, and the table alone tells nobody who."""

from __future__ import annotations

from threading import Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tanhui.core.errors import Conflict, InputRefused, NotFound
from tanhui.domain.citizens import queries, services
from tanhui.domain.citizens.log_ins import give_log_in, make_log_in
from tanhui.domain.citizens.models import Identity, Person
from tanhui.domain.citizens.references import digest_of, digests_of, log_in_digest

KEY = b"k" * 32
OTHER_KEY = b"o" * 32


@given(refs=st.lists(st.text(), max_size=4), key=st.binary(max_size=100))
def test_many_digests_are_the_digests_of_each(refs: list[str], key: bytes) -> None:
    refs = [ref for ref in refs if ref.isprintable()]
    assert digests_of(refs, key=key) == b"".join(digest_of(ref, key=key) for ref in refs)


@pytest.mark.django_db
def test_each_reference_becomes_a_person_once() -> None:
    first = services.identify(["szt:A", "szt:B", "szt:A"], key=KEY)
    assert list(first) == ["szt:A", "szt:B"]
    assert len(set(first.values())) == 2
    again = services.identify(["szt:B", "phone:A", "szt:A"], key=KEY)
    assert (again["szt:A"], again["szt:B"]) == (first["szt:A"], first["szt:B"])
    assert again["phone:A"] not in first.values()
    assert (Person.objects.count(), Identity.objects.count(), queries.count()) == (3, 3, 3)


@pytest.mark.django_db
def test_people_are_random_numbers_of_62_bits() -> None:
    people = services.identify([f"szt:{n}" for n in range(2_000)], key=KEY).values()
    assert len(set(people)) == 2_000
    assert all(0 <= person < 2**62 for person in people)
    assert max(people) > 2**61


@pytest.mark.django_db
def test_only_a_keyed_digest_is_stored() -> None:
    services.identify(["szt:FIAAAEIFD"], key=KEY)
    identity = Identity.objects.get()
    assert identity.scheme == "szt"
    assert bytes(identity.digest) == digest_of("szt:FIAAAEIFD", key=KEY)
    assert bytes(identity.digest) != digest_of("szt:FIAAAEIFD", key=OTHER_KEY)
    assert b"FIAAAEIFD" not in bytes(identity.digest)


@pytest.mark.django_db
def test_find_knows_whom_identify_made_and_makes_nobody() -> None:
    (person,) = services.identify(["szt:A"], key=KEY).values()
    assert queries.find("szt:A", key=KEY) == person
    assert queries.find("szt:B", key=KEY) is None
    assert queries.find("szt:A", key=OTHER_KEY) is None
    assert queries.exists(person)
    assert not queries.exists(person + 1)
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_demo_people_are_marked() -> None:
    people = services.identify(["demo:A"], key=KEY, is_demo=True)
    real = services.identify(["szt:A"], key=KEY)
    assert queries.is_demo(people["demo:A"])
    assert not queries.is_demo(real["szt:A"])


@pytest.mark.django_db
@pytest.mark.parametrize("ref", ["", "A", ":A", "szt:", "s" * 33 + ":A", "s\nt:A"])
def test_a_reference_without_a_scheme_is_refused_and_nobody_made(ref: str) -> None:
    with pytest.raises(InputRefused):
        services.identify(["szt:A", ref], key=KEY)
    assert Person.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ref", ["szt:'; DROP TABLE x --", "szt:\\x00%s", "微信:张三", "a:b:c", "szt:é"]
)
def test_any_other_text_is_a_reference(ref: str) -> None:
    (person,) = services.identify([ref], key=KEY).values()
    assert queries.find(ref, key=KEY) == person


@pytest.mark.django_db
def test_half_a_character_is_no_reference() -> None:
    with pytest.raises(InputRefused):
        queries.find("szt:\udc80", key=KEY)


@pytest.mark.django_db
def test_nobody_is_asked_for() -> None:
    assert services.identify([], key=KEY) == {}


@pytest.mark.django_db
def test_a_digest_with_zero_bytes_at_its_end_is_kept_whole() -> None:
    refs = [f"szt:{n}" for n in range(1_000)]
    ends_in_zero = [ref for ref in refs if digest_of(ref, key=KEY).endswith(b"\0")]
    assert ends_in_zero
    people = services.identify(refs, key=KEY)
    assert {queries.find(ref, key=KEY) for ref in ends_in_zero} == {
        people[ref] for ref in ends_in_zero
    }


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_agree_on_every_person() -> None:
    refs = [f"szt:{n}" for n in range(500)]
    answers: list[dict[str, int]] = []

    def work(writer: int) -> None:
        try:
            for _ in range(3):
                answers.append(services.identify(refs[writer * 10 :][::-1], key=KEY))
        finally:
            connection.close()

    threads = [Thread(target=work, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12
    agreed = {ref: {answer[ref] for answer in answers if ref in answer} for ref in refs}
    assert all(len(people) == 1 for people in agreed.values())
    assert (Person.objects.count(), Identity.objects.count()) == (500, 500)


@pytest.mark.django_db
def test_a_log_in_sees_its_own_person_and_leaves_no_name() -> None:
    (person, other) = services.identify(["szt:A", "szt:B"], key=KEY).values()
    mine = make_log_in("王小明-138", "secret", person, key=KEY)
    assert queries.person_of_user(mine.user_id) == person
    assert mine.user.username == log_in_digest("王小明-138", key=KEY).hex()
    assert queries.kept_name("王小明-138", key=KEY) == mine.user.username
    assert queries.kept_name("王小明-138", key=OTHER_KEY) == "王小明-138"
    with pytest.raises(Conflict, match="taken"):
        make_log_in("王小明-138", "other", other, key=KEY)
    with pytest.raises(NotFound):
        make_log_in("nobody", "secret", person + 1, key=KEY)
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_members_log_in_keeps_its_name() -> None:
    (person, other) = services.identify(["szt:A", "szt:B"], key=KEY).values()
    user = User.objects.create(username="a")
    assert queries.person_of_user(user.pk) is None
    give_log_in(user.pk, person, key=KEY)
    give_log_in(user.pk, person, key=KEY)
    assert queries.person_of_user(user.pk) == person
    assert queries.kept_name("a", key=KEY) == "a"
    with pytest.raises(Conflict):
        give_log_in(user.pk, other, key=KEY)
    with pytest.raises(NotFound):
        give_log_in(user.pk, person + 1, key=KEY)


@pytest.mark.django_db
def test_no_reference_of_a_partner_is_a_log_in_name() -> None:
    (person,) = services.identify(["szt:A"], key=KEY).values()
    make_log_in("wang", "secret", person, key=KEY)
    assert queries.find("log-in:wang", key=KEY) is None
    with pytest.raises(InputRefused):
        queries.find("log-in\0wang", key=KEY)
    with pytest.raises(InputRefused):
        queries.find("log-in\0x:wang", key=KEY)
