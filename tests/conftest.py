"""What all tests share: how property tests are run, and that no setting of this machine gets into a test."""

import os

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time: a test run says something about the program, not about luck. To look for more:
# HYPOTHESIS_PROFILE=explore .venv/bin/pytest tests/flows/test_certify_properties.py
_slow_is_fine = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "quick", max_examples=30, deadline=None, derandomize=True, suppress_health_check=_slow_is_fine
)
settings.register_profile("explore", max_examples=1000, deadline=None, suppress_health_check=_slow_is_fine)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PARTNER_CERTS_"):
            monkeypatch.delenv(name)
