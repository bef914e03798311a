"""Settings and the home: options over variables over `.env`, and what can't be a home."""

import errno
import os
from pathlib import Path

import pytest

from tests.cli.invoking import Invoke, export, parsed


def test_the_profile_is_an_option_or_a_setting(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option wins; only intl and eu are valid."""
    path = export()

    def separator(*words: object) -> str:
        output = parsed(invoke(*words, "--json"))
        reports = Path(output["run_dir"]) / "reports"
        heading = (reports / "certifications-contoso-1.csv").read_bytes().partition(b"\r\n")[0]
        return ";" if b";" in heading else ","

    assert separator("nightly", path) == ","
    assert separator("nightly", path, "--profile", "eu") == ";"
    assert separator("account", "1", path, "--profile", "eu") == ";"
    monkeypatch.setenv("PARTNER_CERTS_PROFILE", "eu")
    assert separator("nightly", path) == ";"
    assert separator("nightly", path, "--profile", "intl") == ","
    invoke("check", path, "--profile", "us", status=2)
    monkeypatch.setenv("PARTNER_CERTS_PROFILE", "excel")
    assert "PARTNER_CERTS_PROFILE" in invoke("check", path, status=2).stderr


def test_the_home_is_an_option_a_variable_or_a_line_in_env(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In this order of precedence."""
    path = export()
    Path(".env").write_text(f"PARTNER_CERTS_HOME={tmp_path / 'from-file'}\nPARTNER_CERTS_PROFILE=eu\n")
    invoke("nightly", path)
    assert Path("home").is_dir()
    monkeypatch.delenv("PARTNER_CERTS_HOME")
    invoke("nightly", path)
    assert Path("from-file").is_dir()
    (report,) = Path("from-file").rglob("certifications-contoso-1.csv")
    assert b";" in report.read_bytes()
    invoke("nightly", path, "--home", "from-option")
    assert Path("from-option/runs").is_dir()


def test_an_impossible_home_is_wrong_usage(invoke: Invoke) -> None:
    """A file, a folder in a file, a name too long; for reading commands too."""
    Path("file").write_text("mine")
    for home in ("file", "file/below", "/proc/nothing", "x" * 300):
        assert "--home" in invoke("nightly", export(), "--home", home, status=2).stderr
    for home in ("file", "file/below", "x" * 300):
        assert "--home" in invoke("runs", "--home", home, status=2).stderr
    assert Path("file").read_text() == "mine"


def test_an_empty_path_is_not_the_working_directory(invoke: Invoke) -> None:
    """As from an unset variable: personal data would be written there."""
    path = export()
    for words in (["nightly", path, "--home", ""], ["runs", "--home", ""], ["nightly", ""], ["check", ""]):
        assert "it is empty" in invoke(*words, status=2).stderr
    assert [found.name for found in Path.cwd().iterdir()] == [path.name]


def test_a_binary_settings_file_is_wrong_usage(invoke: Invoke) -> None:
    """The file is named."""
    Path(".env").write_bytes(b"PARTNER_CERTS_PROFILE=\xff\n")
    assert ".env" in invoke("check", export(), status=2).stderr


def test_the_default_home_is_the_user_s_data_folder(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By XDG_DATA_HOME."""
    monkeypatch.delenv("PARTNER_CERTS_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    output = parsed(invoke("nightly", export(), "--json"))
    assert "partner-certs" in Path(output["run_dir"]).relative_to(tmp_path).as_posix()


def test_a_read_only_home_is_wrong_usage(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk mounted read-only."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refused)
    assert "can't be the home folder (Read-only file system)" in invoke("nightly", export(), status=2).stderr
