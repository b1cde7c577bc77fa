"""Every error of the API is one shape, in both languages, with a number to quote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.web.asking import Caller
from tests.web.serving import Site
from tests.web.small_city import CITIZEN, MEMBER, PARTNER

MEMBERS = {
    "type", "title", "status", "detail", "code", "zh", "en", "values", "instance", "request_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def document(site: Site) -> Any:
    return Caller(site.url).get("/api/v1/openapi.json").json


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "resource.unknown"),
        ("GET", "/api/nothing", 404, "resource.unknown"),
        ("DELETE", "/api/v1/people/me/account", 405, "method.not_allowed"),
        ("GET", "/api/v1/people/me/account", 401, "access.unauthenticated"),
        ("GET", "/api/v1/results/1-1", 401, "access.unauthenticated"),
        ("GET", "/api/v1/partners/test-metro/batches", 401, "access.unauthenticated"),
        ("GET", "/api/v1/partners/test-metro/batches/abc", 404, "resource.unknown"),
        ("POST", "/api/v1/partners/test-metro/batches", 401, "access.unauthenticated"),
    ],
)
def test_an_error_is_a_problem_document(
    caller: Caller, method: str, path: str, status: int, code: str
) -> None:
    answer = caller.ask(method, path)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json
    assert set(problem) == MEMBERS
    assert (problem["status"], problem["code"], problem["instance"]) == (status, code, path)
    assert problem["type"] == f"urn:tanhui:problem:{code}"
    assert re.search("[一-鿿]", problem["zh"])
    assert not re.search("[一-鿿]", problem["en"])
    assert problem["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "query.limit"),
        ("limit=201", "query.limit"),
        ("limit=ten", "query.limit"),
        ("day_from=2024-13-01", "query.day_from"),
        ("scene=" + "x" * 65, "query.scene"),
    ],
)
def test_a_wrong_parameter_is_named(
    signed_in: Callable[[str], Caller], query: str, where: str
) -> None:
    answer = signed_in(CITIZEN).get(f"/api/v1/people/me/records?{query}")
    assert answer.status == 422
    assert [one["where"] for one in answer.json["values"]["errors"]] == [where]


def test_a_made_up_cursor_is_refused(signed_in: Callable[[str], Caller]) -> None:
    citizen = signed_in(CITIZEN)
    for before in ("x", "1.", "1.2", "1.2-x", "--5.1-1", "-.1-1", "5.1-1-1", "'; DROP TABLE"):
        answer = citizen.get("/api/v1/people/me/records?before=" + before.replace(" ", "%20"))
        assert answer.status == 422, before


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/results/{'9' * 5_000}-1",
        f"/api/v1/results/1-{'9' * 5_000}",
        f"/api/v1/results/1-{'9' * 19}",
        f"/account/records/{'9' * 5_000}-1",
        f"/account/records?before={'9' * 5_000}.1-1",
        "/account/records?before=--5.1-1",
    ],
    ids=["batch", "row", "a row of 19 digits", "page", "cursor of a page", "two signs"],
)
def test_a_number_beyond_all_is_refused(signed_in: Callable[[str], Caller], path: str) -> None:
    assert signed_in(CITIZEN).get(path).status in {404, 422}


@pytest.mark.parametrize("number", ["0" * 5_000 + "1", "9" * 5_000, "9" * 19, "-1", "x"])
def test_a_page_that_cannot_be_is_the_first(
    signed_in: Callable[[str], Caller], number: str
) -> None:
    member = signed_in(MEMBER)
    assert member.get(f"/partners/{PARTNER}/batches?before={number}").status == 200
    assert member.get(f"/partners/{PARTNER}/batches/1?after_row={number}").status == 200


def test_the_detail_is_in_the_callers_language(caller: Caller) -> None:
    chinese = caller.get("/api/v1/nothing").json
    caller.language = "en"
    english = caller.get("/api/v1/nothing").json
    assert chinese["detail"] == chinese["zh"]
    assert english["detail"] == english["en"]


def test_a_request_keeps_the_id_it_came_with(caller: Caller) -> None:
    named = caller.get("/api/v1/nothing", **{"X-Request-ID": "partner-run-00017"})
    assert named.json["request_id"] == "partner-run-00017"
    forged = caller.get("/api/v1/nothing", **{"X-Request-ID": "a<b>"})
    assert re.fullmatch("[0-9a-f]{32}", forged.json["request_id"])


def test_every_route_declares_its_refusals(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            declared = {int(status) for status in operation["responses"]}
            wanted = {400, 401, 404, 405, 422, 500}
            wanted |= {409, 411, 413} if method == "post" else set()
            assert wanted <= declared, (path, method)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"]
            assert operation["x-summary-zh"]


def test_the_documentation_page_lists_every_operation_and_loads_nothing_foreign(
    caller: Caller, document: Any
) -> None:
    text = caller.get("/api/v1/docs").text
    for path, methods in document["paths"].items():
        assert path in text
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', text)


def test_answers_validate_against_the_document(
    signed_in: Callable[[str], Caller], document: Any
) -> None:
    account = signed_in(CITIZEN).get("/api/v1/people/me/account").json
    fields = document["components"]["schemas"]["CarbonAccount"]["properties"]
    assert set(account) == set(fields)
    json.dumps(account)
