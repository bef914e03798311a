"""Reading ready/: what is there, or that its link is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from exports.home import ready
from exports.home.layout import Home
from exports.home.publish import finish
from schemas.errors import NotAllowed
from tests.exports.home.ready_reports import content, publish_files


def test_nothing_is_ready_before_the_first_release(home: Home) -> None:
    """No folder, no reports, no error."""
    assert ready.current(home) is None
    assert ready.rows(home) == []
    finish(home)
    assert list(home.root.iterdir()) == []


@pytest.mark.parametrize("act", [ready.current, ready.rows, ready.altered, finish])
@pytest.mark.parametrize("target", [None, ".ready/2", "ready"])
@pytest.mark.parametrize("without_ledger", [False, True])
def test_a_lost_ready_link_is_reported_and_nothing_is_removed(
    home: Home, act: Callable[[Home], object], target: str | None, without_ledger: bool
) -> None:
    """Some backups omit links, and some hands mistype them."""
    publish_files(home, {"a.csv": b"A1"})
    publish_files(home, {"a.csv": b"A2"})
    home.ready.unlink()
    if target:
        home.ready.symlink_to(target)
    if without_ledger:
        home.ledger.unlink()
    with pytest.raises(NotAllowed, match=r"ready is gone.* ln -sfn \.ready/00000002 ready \(or move") as stop:
        act(home)
    assert str(home.root) in str(stop.value)
    home.ready.unlink(missing_ok=True)
    home.ready.symlink_to(".ready/00000002")
    assert content(home) == {"a.csv": b"A2"}
    publish_files(home, {"a.csv": b"A3"})
    assert content(home) == {"a.csv": b"A3"}


def test_moving_ready_away_on_purpose_is_allowed(home: Home) -> None:
    """To start over, or because of a damaged manifest."""
    publish_files(home, {"a.csv": b"A1"})
    (home.root / ".ready").rename(home.root / "old")
    assert ready.rows(home) == []
    home.ready.unlink()
    publish_files(home, {"a.csv": b"A2"})
    assert content(home) == {"a.csv": b"A2"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder."""
    return Home(tmp_path)
