"""Every record a person is shown can be found by its status."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from tests.flows.deliveries import a_metro_ride, deliver

from tanhui.domain.citizens import queries as citizens
from tanhui.domain.citizens.log_ins import make_log_in
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db


def test_a_refused_correction_is_found_by_its_status(client: Client, tmp_path: Path) -> None:
    rows = [a_metro_ride(), a_metro_ride(external_id="r2", corrects="nothing")]
    assert deliver(tmp_path, rows)["counts"] == {"credited": 1, "rejected": 1}
    person = citizens.find("card:1", key=platform().identity_key)
    assert person is not None
    login = make_log_in("citizen", "x", person, key=platform().identity_key)
    client.force_login(login.user)
    items = client.get("/api/v1/people/me/records").json()["items"]
    statuses = {one["status"]: one["id"] for one in items}
    assert set(statuses) == {"credited", "rejected"}
    for status, result in statuses.items():
        page = client.get(f"/account/records?status={status}").content.decode()
        assert f'<option value="{status}" selected>' in page
        others = set(statuses.values()) - {result}
        assert f"/account/records/{result}" in page
        assert not [other for other in others if f"/account/records/{other}" in page]
