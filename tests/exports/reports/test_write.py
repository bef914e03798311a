"""Reports are read back after they are written."""

import errno
from pathlib import Path

import pytest

from tests.exporting import certified
from tests.people import person


def test_a_failed_read_back_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the file's name; nothing is kept."""
    monkeypatch.setattr("exports.reports.write.read_whole", lambda descriptor, size: b"\0" * size)
    with pytest.raises(OSError, match=r"did not return what was written: 'certifications-") as stop:
        certified([person()], tmp_path)
    assert stop.value.errno == errno.EIO
    assert not list((tmp_path / "runs").iterdir())
