"""The review page as a file: complete without JavaScript, safe with hostile text."""

import base64
import hashlib
import re
import shlex
import subprocess
from html.parser import HTMLParser

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from exports.page.render import key, render
from exports.page.text import all_shown, shell_word, shown
from schemas.review import headline
from tests.flows.review.reviews import IMAGE, PSE, SALES, SCRIPT, SHA256, account, course, detail, faults, night, review


class _Read(HTMLParser):
    """The page's elements, and its text outside style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.as_typed = ""  # without labels of odd characters
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "script"):
            self.text += data
            self.as_typed += data if self._inside != "i" else ""


def _read(page: bytes) -> _Read:
    return _Read(page.decode())


def _words(page: bytes) -> str:
    return " ".join(_read(page).text.split())


def test_the_headline_counts_accounts() -> None:
    """Including gone ones, so that the parts add up."""
    totals = review()["totals"] | {"accounts": 211, "unchanged": 180, "changed": 26, "new": 3, "held": 2, "gone": 1}
    assert headline(totals) == "212 accounts: 180 unchanged, 29 to review, 2 held, 1 gone"  # type: ignore[arg-type]


def test_everything_is_there_without_javascript() -> None:
    """Every change with person, column, before and after; blanks are labelled."""
    words = _words(render(night()))
    for expected in (
        "10 accounts: 1 unchanged, 6 to review, 2 held, 1 gone",
        f"▼ lost Anna Schäfer anna@contoso.example {PSE} X (blank)",
        f"▲ gained Nguyễn Văn An an@contoso.example {SALES} (blank) X",
        f"+ joined 李伟 li.wei@contoso.example person (not in the report) {SALES} {PSE}",
        "− left Tom Brown tom@contoso.example person (no courses) (not in the report)",
        "~ details Jörg Weiß joerg@contoso.example Phone (blank) +49 30 12345",
        "1 lost",
        "Would be sent: certifications-x-1295686.csv 41 rows, was 40 sha256 3f2a91c0deab 1 cell guarded",
        "PSE Certified 2020 lost by 1 person",
        f"{SALES} gained by 2 people",
        "Rows read 10,016 = written to reports 10,000 + held back 16 ✓ It adds up.",
        "2 accounts held back",
        "Humongous Insurance 1300777 · 12 rows · 3 faults",
        "row 17 Ana Sol <ana@hi.example> SA Verified yes A flag is True, False or blank Set the field in Impartner",
        "user 4711 Bo Li <bo@hi.example> Email (blank)",
        "and 1 more fault: all are in faults.csv",
        "(rows without an account) 4 rows · 4 faults",
        "Rows that may belong to it have faults, which are listed under another account.",
        "Unchanged Partner 1400001 41",
        "Nothing would be sent.",
        "No cell of any person changed.",
    ):
        assert re.sub(r"\s", "", expected) in re.sub(r"\s", "", words), expected


def test_a_total_that_does_not_add_up_is_reported() -> None:
    """A run that lost rows must not look good."""
    assert "It does not add up" in _words(render({**night(), "written": 9_999}))


def test_a_fault_of_many_accounts_is_one_row() -> None:
    """With the value, the counts and the remedy; a fault of one account is listed there only."""
    translated = {"column": "SA Verified", "rule": "A flag is True, False or blank", "remedy": "Export again"}
    groups = [{**translated, "found": "<i>WAHR", "accounts": 212, "faults": 2_000}]
    groups += [{**translated, "column": "Email", "found": None, "accounts": 1, "faults": 1}]
    words = _words(render({**night(), "fault_groups": groups}))  # type: ignore[typeddict-item]  as above
    common = re.sub(r"\s", "", words[words.index("The same fault in several accounts") :])
    assert common.count("SAVerifiedAflagisTrue,FalseorblankExportagain<i>WAHR2122,000") == 1
    assert "EmailAflag" not in common


def test_a_run_with_everything_held_does_not_look_good() -> None:
    """The faults come first, and nothing claims that partners have every report."""
    held = [account(name, name, "held", rows=12, faults=30) for name in ("A", "B")]
    words = _words(render(review(*held, faults=faults(*({"account": 0, "row": "2", "rule": "R"} for _ in range(30))))))
    assert "Every account is held back by faults: no report can go out. What is wrong" in words
    assert "No report was made: every account is held back." in words
    assert "what partners have already" not in words
    assert words.index("Held back: 2 accounts") < words.index("Accounts to review")
    assert "and 20 more faults: all are in faults.csv" in words
    assert "Every account is held back" not in _words(render(night()))


def test_thousands_of_held_accounts_are_cut_and_counted() -> None:
    """faults.csv has them all."""
    many = [account(f"A{number}", f"{number}", "held", rows=1, faults=1) for number in range(250)]
    words = _words(render(review(*many)))
    assert words.count("1 row · 1 fault") == 200
    assert "and 50 more accounts: all are in faults.csv" in words


def test_a_decision_has_its_author_time_and_reason() -> None:
    """Also an approval carried over from an earlier night; the reason is escaped."""
    decided = {"decision": "approved", "by": "Inés", "at": "2026-11-21T09:12:30Z", "reason": "<b>they know"}
    words = _words(render(review(account("A", "1", "changed", **decided), account("B", "2", "new", **decided))))
    assert words.count("✓ approved by Inés, 2026-11-21 09:12 UTC: <b>they know") == 2


def test_a_renamed_account_says_so_first() -> None:
    """Before its changes, and among the alarms; the filter finds it."""
    alarms = [
        {"severity": 1, "kind": "lost", "text": f"{PSE} lost by 1 person"},
        {"severity": 3, "kind": "renamed", "text": "Renamed: was Contoso Ltd"},
    ]
    lost = [course("Anna", "anna@contoso.example", PSE)]
    renamed = account("Contoso GmbH", "1", "changed", renamed_from="Contoso Ltd", lost=lost, alarms=alarms)
    page = render(review(renamed, account("Other", "2", "changed", renamed_from="<b>", before=SHA256)))
    words = _words(page)
    section = words[words.index("Accounts to review") :]
    assert section.index("Renamed: the ready report is of Contoso Ltd") < section.index("lost by 1 person")
    assert section.count("Renamed: the ready report is of") == 2
    assert "Accounts renamed Contoso GmbH: Renamed: was Contoso Ltd" in words
    assert "Nothing else changed: every cell of every person is the same." in section
    kinds = [attributes["data-kinds"] for tag, attributes in _read(page).tags if tag == "article"]
    assert kinds == ["changed renamed lost", "changed renamed"]


def test_unlisted_first_reports_link_to_their_csv() -> None:
    """As rows of a table."""
    page = render(night())
    assert ("a", {"href": "reports/certifications-x-1301000.csv"}) in _read(page).tags
    assert "First reports: 1 account" in _words(page)


def test_the_csp_allows_only_the_page_s_own_style_and_script() -> None:
    """By their hashes; no network, no code in attributes."""
    page = render(night()).decode()
    read = _Read(page)
    policy = next(a["content"] for tag, a in read.tags if a.get("http-equiv") == "Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (inlined,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inlined.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    attributes = {name for _, attrs in read.tags for name in attrs}
    assert not {name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action")}
    assert {tag for tag, _ in read.tags}.isdisjoint({"link", "img", "iframe", "object", "base"})


def test_hostile_names_are_escaped() -> None:
    """Markup stays text, and bidi controls are labelled."""
    read = _read(render(night()))
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert SCRIPT in read.text
    assert IMAGE in read.text
    assert "RobertU+202Egnp.exe" in read.text
    assert "aTABb" in read.text
    assert all(
        a["href"].startswith(("#", "reports/")) or a["href"] == "faults.csv"
        for tag, a in read.tags
        if tag == "a" and a["href"]
    )


@given(st.text())
def test_any_text_stays_text(text: str) -> None:
    """It adds only the page's own elements, and leaves no invisible control."""
    read = _Read(str(shown(text)))
    assert {tag for tag, _ in read.tags} <= {"bdi", "i"}
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", read.text)
    assert re.sub(r"[^\x21-\x7e]", "", read.as_typed) == re.sub(r"[^\x21-\x7e]", "", text)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_column_is_shown_like_its_cells(texts: list[str | None]) -> None:
    """Showing a whole column is only faster."""
    shown_at_once = all_shown(pl.Series(texts, dtype=pl.String)).to_list()
    assert shown_at_once == [None if text is None else shown(text) for text in texts]


def test_no_odd_character_in_a_column_is_missed() -> None:
    """In any position."""
    signs = [*map(chr, range(0x250)), *"\u034f\u115f\u17b4\u200b\u200c\u200d\u202e\u2066\u3164\ufe00\ufeff\U000e0041"]
    texts = [text.format(sign) for sign in signs for text in ("{}", "{}a", "a{}", "a{0}{0}a", "Ω{}Ω")]
    assert all_shown(pl.Series(texts)).to_list() == list(map(shown, texts))


def test_needed_joiners_are_kept() -> None:
    """Persian and emoji need them; between Latin letters they only hide."""
    assert "U+200" not in shown("می\u200cخواهم 👩\u200d💻")
    assert "U+200B" in shown("a\u200bb")
    assert "U+200D" in shown("a\u200db")


def test_hidden_blanks_are_labelled() -> None:
    """Outer, repeated and non-breaking blanks would be invisible changes."""
    assert _Read(str(shown(" a  b\xa0c "))).text == "SPACEaSPACE bNBSPcSPACE"


def test_an_offline_page_has_commands_instead_of_buttons() -> None:
    """With a reason where one is required."""
    page = render(night())
    assert b'id="controls"' not in page
    assert b'id="ask"' not in page
    words = _words(page)
    run = "20261121T020000Z-nightly-3f2a91"
    assert f"partner-certs approve {run} --account=1295686 --by YOU --reason WHY" in words
    assert f"partner-certs approve {run} --account=1301177 --by YOU" in words
    assert f"--account={shlex.quote(SCRIPT)} --by YOU" in words


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_an_account_is_quoted_for_the_shell(name: str) -> None:
    """Without control characters or a way out of the quotes."""
    word = shell_word(name)
    assert word.isprintable()
    if not word.startswith("$'"):
        assert shlex.split(word) == [name]


def test_a_shell_reads_the_quoted_word_as_the_name() -> None:
    """However odd."""
    name = "it's\x1b[31m \\ \u202e\n$(id) `id` é\x01f"
    output = subprocess.run(["bash", "-c", f"printf %s {shell_word(name)}"], capture_output=True, check=True).stdout
    assert output.decode() == name


def test_a_key_identifies_an_account_and_both_its_hashes() -> None:
    """It reveals a decision made on an outdated page."""
    original = account("A", "1", "changed").account
    assert key(original) != key({**original, "before": "0" * 64})
    assert key(original) != key({**original, "sha256": "0" * 64})
    assert key(original) != key({**original, "account_id": "2"})
    assert key(original) == key({**original, "decision": "approved", "rows": 3})


def test_tables_are_accessible() -> None:
    """Each has a caption, and every header cell a scope."""
    read = _read(render(night()))
    names = [tag for tag, _ in read.tags]
    assert names.count("table") == names.count("caption") > 5
    assert {a.get("scope") for tag, a in read.tags if tag == "th"} == {"col", "row"}
    assert ("html", {"lang": "en"}) in read.tags
    assert [tag for tag in names if tag in ("header", "main", "footer", "h1")][:3] == ["header", "h1", "main"]


def test_many_changes_are_split_into_tables() -> None:
    """All 450 are listed."""
    changes = [detail(f"P{number}", f"p{number}@x.example", "Phone", "1", "2") for number in range(450)]
    lost = [course("Q", "q@x.example", PSE)]
    words = _words(render(review(account("Large", "1", "changed", details=changes, lost=lost))))
    assert words.count("Phone12") == 450
    assert "What changes for Large, part 3 of 3" in words
