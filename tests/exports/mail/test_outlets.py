"""Where drafts go: all or none, never over another, and remains of killed commands are removed."""

from pathlib import Path

import pytest

from exports.home.layout import Home
from exports.mail.outlets import Folder, Pasted, staging_of
from schemas.errors import WrongUsage
from tests.flows.mail.homes import ANA, contact, drafted, lines, mail_in, only, release_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three accounts are ready since 2026-11-22."""
    made = Home(tmp_path / "home")
    release_run(made)
    return made


def test_a_draft_never_overwrites_another(home: Home) -> None:
    """Someone may have edited it."""
    first = only(drafted(home, "1001", to=[ANA]))
    second = only(drafted(home, "1001", to=["bo@contoso.example"]))
    assert second.name == "certifications-contoso-1001_2026-11-22-2.eml"
    assert (mail_in(first)["To"], mail_in(second)["To"]) == (ANA, "bo@contoso.example")


def test_pasted_text_has_its_attachments_as_files(home: Home) -> None:
    """In a folder per account, as companies may share a name."""
    (made,) = drafted(home, "1001", to=[ANA], outlet=Pasted(home.drafts)).made
    (path,) = made.files
    assert path == home.drafts / "certifications-contoso-1001_2026-11-22" / "certifications_contoso_2026-11-22.csv"
    assert path.read_bytes() == (home.ready / "certifications-contoso-1001.csv").read_bytes()


def test_drafts_appear_all_or_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves neither files nor lines."""

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("exports.mail.outlets.sync_file_system", full)
    contact(home, ("1001", "", ANA), ("1002", "", "cy@fabrikam.example"))
    with pytest.raises(OSError, match="No space"):
        drafted(home, "1001", "1002")
    assert not list(home.drafts.glob("*"))
    assert not lines(home, "drafted")


def test_remains_of_a_killed_command_are_removed(home: Home) -> None:
    """By the next draft, in any folder."""
    left = home.drafts / ".staging"
    left.mkdir(parents=True)
    (left / "0").write_text("half")
    drafted(home, "1001", to=[ANA], outlet=Folder(home.drafts))
    assert not left.exists()


def test_in_a_user_s_folder_only_this_home_s_remains_are_removed(home: Home, tmp_path: Path) -> None:
    """Not the user's files, nor another home's running draft."""
    own, others = tmp_path / "own", Path("/another/home")
    for name in (".staging", staging_of(others), staging_of(home.root)):
        (own / name).mkdir(parents=True)
        (own / name / "0").write_text("half")
    drafted(home, "1001", to=[ANA], outlet=Folder(own, staging_of(home.root)))
    assert {path.name for path in own.glob(".*")} == {".staging", staging_of(others)}
    assert (own / ".staging" / "0").read_text() == "half"


@pytest.mark.parametrize("outlet", [Folder, Pasted])
def test_an_impossible_folder_is_wrong_usage(home: Home, tmp_path: Path, outlet: type[Folder]) -> None:
    """Nothing is made or recorded."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(WrongUsage, match="can't be a folder for drafts"):
        drafted(home, "Contoso", to=[ANA], outlet=outlet(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "mine"
    assert lines(home, "drafted") == []
