"""One tap into the demo city, for demo log-ins only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tanhui.domain.citizens.log_ins import give_log_in
from tanhui.domain.citizens.models import Person
from tanhui.domain.partners import services as partners
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db


def a_login(username: str, *, is_demo: bool, **flags: bool) -> User:
    user = User.objects.create(username=username, **flags)
    person = Person.objects.create(
        id=user.pk + 7_000_000, is_demo=is_demo, created_at=datetime(2024, 10, 1, tzinfo=UTC)
    )
    give_log_in(user.pk, person.pk, key=platform().identity_key)
    return user


def test_demo_log_ins_are_offered_and_open(client: Client) -> None:
    a_login("demo-citizen", is_demo=True)
    partner = partners.register("demo-x", name_zh="演示甲", name_en="Demo X", is_demo=True)
    partners.join(User.objects.create(username="demo-x").pk, partner)
    page = client.get("/sign-in").content.decode()
    assert "演示登录" in page
    assert 'value="demo-citizen"' in page
    assert "演示甲" in page
    assert client.post("/sign-in/demo", {"username": "demo-citizen"}).status_code == 302
    account = client.get("/account")
    assert account.status_code == 200
    assert "演示数据：" in account.content.decode()
    assert "还没有记录" in account.content.decode()


@pytest.mark.parametrize(
    ("is_demo", "flags"),
    [
        (False, {}),
        (True, {"is_staff": True}),
        (True, {"is_superuser": True}),
        (True, {"is_active": False}),
    ],
)
def test_anybody_else_is_not_let_in(client: Client, is_demo: bool, flags: dict[str, bool]) -> None:
    user = a_login("somebody", is_demo=is_demo, **flags)
    partner = partners.register("demo-x", name_zh="演示甲", name_en="Demo X", is_demo=True)
    partners.join(user.pk, partner)
    assert client.post("/sign-in/demo", {"username": "somebody"}).status_code == 404
    assert client.get("/account").status_code == 302
    assert 'value="somebody"' not in client.get("/sign-in").content.decode()


def test_an_unexpected_failure_is_a_page_in_words(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tanhui.interfaces.api import desk

    def broken(_person: int) -> None:
        raise RuntimeError("secret detail")

    a_login("demo-citizen", is_demo=True)
    client.post("/sign-in/demo", {"username": "demo-citizen"})
    monkeypatch.setattr(desk, "account", broken)
    client.raise_request_exception = False
    page = client.get("/account")
    problem = client.get("/api/v1/people/me/account")
    assert page.status_code == problem.status_code == 500
    assert "服务器出错" in page.content.decode()
    assert problem["Content-Type"] == "application/problem+json"
    for answer in (page, problem):
        assert "secret detail" not in answer.content.decode()
        assert answer["X-Request-ID"] in answer.content.decode()


@pytest.mark.parametrize("username", ["demo\0", "\0", "demo\ncitizen", ""])
def test_a_name_that_cannot_be_does_not_exist(client: Client, username: str) -> None:
    assert client.post("/sign-in/demo", {"username": username}).status_code == 404
