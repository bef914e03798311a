"""How a command ends: signals that come at a bad moment."""

import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from click.exceptions import Exit

from cli.errors import answering


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_of_an_import_waits_for_its_end(
    number: int, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised there it could vanish, and leave the import lock taken for ever."""
    name = f"signalled_{status}"
    (tmp_path / f"{name}.py").write_text(f"import os\nos.kill(os.getpid(), {int(number)})\nWHOLE = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(Exit) as ended, answering(json=False, debug=False):
        _imported_at_leisure(name)
    assert ended.value.exit_code == status
    assert sys.modules.pop(name).WHOLE


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_where_nothing_can_be_raised_is_not_lost(
    number: int, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """Libraries call back from where Python drops what is raised, and would show a traceback of it."""

    class Deaf:
        def __del__(self) -> None:
            os.kill(os.getpid(), number)
            time.sleep(0.01)

    with pytest.raises(Exit) as ended, answering(json=False, debug=False):
        _slept_after(Deaf)
    assert ended.value.exit_code == status
    assert "Traceback" not in capfd.readouterr().err


def test_a_command_that_is_done_before_the_end_of_an_import_was_waited_for_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is raised after it."""
    (tmp_path / "signalled_late.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("cli.errors.SOON", 30)
    with answering(json=False, debug=False):
        import_module("signalled_late")
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    del sys.modules["signalled_late"]


def _slept_after(made: Callable[[], object]) -> None:
    made()
    time.sleep(30)


def _imported_at_leisure(name: str) -> None:
    import_module(name)
    time.sleep(30)
