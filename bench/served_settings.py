"""The platform's settings with one more address, for `redeem_http`."""

from tanhui.interfaces.settings import *  # noqa: F403

ROOT_URLCONF = "bench.empty_route"
