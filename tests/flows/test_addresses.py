"""Everyone's addresses are collected at a release, and again when ready/ changes."""

from pathlib import Path

import pytest

from exports.home import addresses, ready
from exports.home.layout import Home
from flows.addresses import make_addresses
from tests.flows.mail.homes import PEOPLE, drafted, release_run
from tests.people import person


def test_a_release_collects_addresses(tmp_path: Path) -> None:
    """For the next draft."""
    home = Home(tmp_path / "home")
    for number, name in ((1, "Cy"), (2, "Eve")):
        release_run(home, {**PEOPLE, "1002 Fabrikam": [person(name, f"{name}@fabrikam.example")]}, number=number)
        folder = ready.current(home)
        assert folder is not None
        known = addresses.kept(home, addresses.stamp(folder))
        assert known is not None
        assert known.with_address(f"{name.lower()}@fabrikam.example") == [1]
        assert known.with_domain("contoso.example") == [0]


def test_a_draft_collects_them_if_needed(tmp_path: Path) -> None:
    """If they are missing, damaged, or of another ready/."""
    home = Home(tmp_path / "home")
    release_run(home)
    file = home.root / addresses.FILE
    whole = file.read_bytes()
    for data in (None, b"", b"0" * 64 + b"\nzoe@fabrikam.example\t00000000\n"):
        file.unlink()
        if data is not None:
            file.write_bytes(data)
        assert "belongs to Fabrikam" in drafted(home, "1001", to=["zoe@fabrikam.example"]).refused[0].why
        assert file.read_bytes() == whole


def test_many_reports_are_read_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indices are those of the manifest."""
    home = Home(tmp_path / "home")
    people = {f"{number} A{number}": [person("X", f"x@a{number}.example")] for number in range(1000, 1007)}
    release_run(home, people)
    folder = ready.current(home)
    assert folder is not None
    monkeypatch.setattr("flows.addresses.BATCH", 3)
    known = make_addresses(home, folder)
    places = [known.with_domain(f"a{number}.example") for number in range(1000, 1007)]
    assert places == [[place] for place in range(7)]
