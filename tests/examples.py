"""How many examples tests try: a share in each test run, many where there is time (`make torture`)."""

from hypothesis import settings

IS_LONG = settings.default.max_examples > 100  # HYPOTHESIS_PROFILE=explore


def few(count: int) -> settings:
    """Settings for tests whose own number of examples is right: so many of them, unless there is time."""
    return settings.default if IS_LONG else settings(max_examples=count)
