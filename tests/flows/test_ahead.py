"""What is imported ahead: nobody hears of it, whatever becomes of it."""

import threading
from pathlib import Path

import pytest

from flows import ahead


@pytest.mark.parametrize("trouble", ["KeyboardInterrupt", "ImportError"])
def test_what_goes_wrong_in_the_thread_is_not_told(
    trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that ends with an exception shows a traceback, and a Ctrl-C reaches polars in any thread."""
    begun = tmp_path / "begun"
    (tmp_path / f"raises_{trouble}.py").write_text(f"open({str(begun)!r}, 'w').close()\nraise {trouble}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(ahead, "LATER", (f"raises_{trouble}",))
    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    ahead.import_ahead.cache_clear()
    ahead.import_ahead()
    for thread in threading.enumerate():
        if thread.name == "imports":
            thread.join(10)
    assert begun.exists()
    assert told == []
