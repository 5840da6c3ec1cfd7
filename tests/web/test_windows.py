"""Windows in addresses: what is chosen stays chosen, what makes no sense is refused."""

from __future__ import annotations

import pytest

from geoservice.errors import BadRequest
from geoservice.web.windows import chosen_window


@pytest.mark.parametrize(
    "address",
    ["?days=7", "?days=30&period=night", "?from=2026-03-01&to=2026-03-07&period=evening", "?period=day"],
)
def test_the_arguments_of_a_chosen_window_choose_it_again(app, address):
    with app.test_request_context(f"/dispatch/{address}"):
        chosen = chosen_window()
    with app.test_request_context("/dispatch/", query_string=chosen.args):
        assert chosen_window().window == chosen.window


@pytest.mark.parametrize("address", ["?period=noon", "?from=2026-03-01&period=NIGHT", "?days=7&period=0"])
def test_a_period_that_is_none_is_refused(app, address):
    with app.test_request_context(f"/dispatch/{address}"), pytest.raises(BadRequest) as refused:
        chosen_window()
    assert refused.value.code == "bad_period"
