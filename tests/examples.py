"""How many examples property tests try: few in each test run, many in `make torture`."""

from hypothesis import settings

IS_LONG = settings.default.max_examples > 100  # HYPOTHESIS_PROFILE=explore


def few(count: int) -> settings:
    """Settings for a test with its own number of examples, unless there is time for more."""
    return settings.default if IS_LONG else settings(max_examples=count)
