"""Uploads at the same moment over HTTP: one file is posted, once, whoever comes first."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from tests.web.asking import Answer
from tests.web.serving import Site
from tests.web.signed import Request, a_file, a_request, signed_get
from tests.web.small_city import PARTNER, RIDE_MG

BATCHES = f"/api/v1/partners/{PARTNER}/batches?limit=200"


def batches(site: Site) -> list[int]:
    return [one["batch"] for one in signed_get(site, BATCHES).json["items"]]


def send_at_once(site: Site, requests: list[Request]) -> list[Answer]:
    """The answers in the order of the requests; all are sent when the last is ready."""
    ready = Barrier(len(requests))

    def send(request: Request) -> Answer:
        ready.wait(30)
        return request.send(site)

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


@pytest.mark.parametrize("round_number", [1, 2, 3])
def test_one_key_at_once_is_one_batch(site: Site, round_number: int) -> None:
    file, other = a_file(500 + 2 * round_number), a_file(501 + 2 * round_number)
    key = f"at-once-key-{round_number}"
    before = batches(site)
    answers = send_at_once(site, [a_request(site, each, again=key) for each in (file, file, other)])

    new = [batch for batch in batches(site) if batch not in before]
    assert len(new) == 1
    receipt = signed_get(site, f"/api/v1/partners/{PARTNER}/batches/{new[0]}").json
    assert (receipt["rows"], receipt["counts"]) == (1, {"credited": 1})
    assert receipt["mg_credited"] == RIDE_MG
    same = [answer.status for answer in answers[:2]]
    if answers[2].status == 409:  # the file sent twice was first
        assert sorted(same) == [200, 201]
        told = answers[:2]
    else:
        assert (same, answers[2].status) == ([409, 409], 201)
        told = [answers[2]]
    assert [answer.json["batch"] for answer in told] == new * len(told)
    assert {answer.json["digest"] for answer in told} == {receipt["digest"]}
    assert [answer.json["repeated"] for answer in told] == [answer.status == 200 for answer in told]
    for answer in answers:
        if answer.status == 409:
            assert answer.json["code"] == "batch.key.other_file"
            assert answer.json["values"] == {"batch": new[0]}
    assert json.loads(site.command("prove", "--json"))["ok"] is True
