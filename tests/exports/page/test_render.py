"""The review page as a file: complete without JavaScript, harmless whatever partners typed."""

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
    """What a browser makes of the page: its elements, and the text outside style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.as_typed = ""  # without the names of odd characters
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


def test_the_verdict_is_one_line() -> None:
    """The first line of the page counts accounts, those that are gone included, so that the parts add up."""
    totals = review()["totals"] | {"accounts": 211, "unchanged": 180, "changed": 26, "new": 3, "held": 2, "gone": 1}
    assert headline(totals) == "212 accounts: 180 unchanged, 29 to review, 2 held, 1 gone"  # type: ignore[arg-type]


def test_everything_is_there_without_javascript() -> None:
    """Every change stands in the page with person, what, was and now; blank is told in words."""
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


def test_what_does_not_add_up_is_said() -> None:
    """A run that lost rows on its way must not look like a good one."""
    assert "It does not add up" in _words(render({**night(), "written": 9_999}))


def test_the_same_fault_in_many_accounts_is_one_line() -> None:
    """With what was found, how many accounts and cells, and what to do; a fault of one account stands with it only."""
    translated = {"column": "SA Verified", "rule": "A flag is True, False or blank", "remedy": "Export again"}
    groups = [{**translated, "found": "<i>WAHR", "accounts": 212, "faults": 2_000}]
    groups += [{**translated, "column": "Email", "found": None, "accounts": 1, "faults": 1}]
    words = _words(render({**night(), "fault_groups": groups}))  # type: ignore[typeddict-item]  as above
    common = re.sub(r"\s", "", words[words.index("The same fault in several accounts") :])
    assert common.count("SAVerifiedAflagisTrue,FalseorblankExportagain<i>WAHR2122,000") == 1
    assert "EmailAflag" not in common


def test_with_everything_held_the_page_does_not_say_that_all_is_well() -> None:
    """On a first run too: what is wrong comes first, and nothing claims that partners have every report."""
    held = [account(name, name, "held", rows=12, faults=30) for name in ("A", "B")]
    words = _words(render(review(*held, faults=faults(*({"account": 0, "row": "2", "rule": "R"} for _ in range(30))))))
    assert "Every account is held back by faults: no report can go out. What is wrong" in words
    assert "No report was made: every account is held back." in words
    assert "what partners have already" not in words
    assert words.index("Held back: 2 accounts") < words.index("Accounts to review")
    assert "and 20 more faults: all are in faults.csv" in words
    assert "Every account is held back" not in _words(render(night()))


def test_thousands_of_held_accounts_are_cut_and_counted() -> None:
    """The page stays small; faults.csv has all."""
    many = [account(f"A{number}", f"{number}", "held", rows=1, faults=1) for number in range(250)]
    words = _words(render(review(*many)))
    assert words.count("1 row · 1 fault") == 200
    assert "and 50 more accounts: all are in faults.csv" in words


def test_who_decided_when_and_why_stands_beside_the_decision() -> None:
    """Also where an approval was carried over from an earlier night; a reason is text."""
    decided = {"decision": "approved", "by": "Inés", "at": "2026-11-21T09:12:30Z", "reason": "<b>they know"}
    words = _words(render(review(account("A", "1", "changed", **decided), account("B", "2", "new", **decided))))
    assert words.count("✓ approved by Inés, 2026-11-21 09:12 UTC: <b>they know") == 2


def test_a_renamed_account_says_so_first() -> None:
    """Before its alarms and changes, and among what is looked at first; the filter finds it."""
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


def test_first_reports_that_are_not_listed_lead_to_their_csv() -> None:
    """A new account without listed people is one row of a table, with a link to its report."""
    page = render(night())
    assert ("a", {"href": "reports/certifications-x-1301000.csv"}) in _read(page).tags
    assert "First reports: 1 account" in _words(page)


def test_the_policy_lets_in_the_pages_own_style_and_script_and_nothing_else() -> None:
    """No network, and the hashes in the policy are those of what is inlined; attributes hold no code."""
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


def test_hostile_names_are_text() -> None:
    """What looks like markup stays text, what turns the direction of text is named, and each is kept apart."""
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
    """Whatever is typed makes no element but the two of the page's own, and no invisible control is left."""
    read = _Read(str(shown(text)))
    assert {tag for tag, _ in read.tags} <= {"bdi", "i"}
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", read.text)
    assert re.sub(r"[^\x21-\x7e]", "", read.as_typed) == re.sub(r"[^\x21-\x7e]", "", text)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_column_of_texts_is_shown_as_each_of_them(texts: list[str | None]) -> None:
    """Looking at a whole column at once changes nothing."""
    shown_at_once = all_shown(pl.Series(texts, dtype=pl.String)).to_list()
    assert shown_at_once == [None if text is None else shown(text) for text in texts]


def test_no_odd_character_is_overlooked_in_a_column() -> None:
    """Wherever it stands."""
    signs = [*map(chr, range(0x250)), *"\u034f\u115f\u17b4\u200b\u200c\u200d\u202e\u2066\u3164\ufe00\ufeff\U000e0041"]
    texts = [text.format(sign) for sign in signs for text in ("{}", "{}a", "a{}", "a{0}{0}a", "Ω{}Ω")]
    assert all_shown(pl.Series(texts)).to_list() == list(map(shown, texts))


def test_joiners_that_a_script_needs_are_left_alone() -> None:
    """Persian and emoji need joiners; between Latin letters they only hide."""
    assert "U+200" not in shown("می\u200cخواهم 👩\u200d💻")
    assert "U+200B" in shown("a\u200bb")
    assert "U+200D" in shown("a\u200db")


def test_blanks_that_do_not_show_are_named() -> None:
    """A blank at an end, two in a row and one that only looks like one would be changes that nobody sees."""
    assert _Read(str(shown(" a  b\xa0c "))).text == "SPACEaSPACE bNBSPcSPACE"


def test_an_offline_page_has_no_buttons_that_decide_but_commands() -> None:
    """From a file nothing can be decided; the page says what to type, the reason included where one is needed."""
    page = render(night())
    assert b'id="controls"' not in page
    assert b'id="ask"' not in page
    words = _words(page)
    run = "20261121T020000Z-nightly-3f2a91"
    assert f"partner-certs approve {run} --account=1295686 --by YOU --reason WHY" in words
    assert f"partner-certs approve {run} --account=1301177 --by YOU" in words
    assert f"--account={shlex.quote(SCRIPT)} --by YOU" in words


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_an_account_is_quoted_for_a_shell(name: str) -> None:
    """The quoted word has nothing that a terminal acts on, and no way out of its quotes."""
    word = shell_word(name)
    assert word.isprintable()
    if not word.startswith("$'"):
        assert shlex.split(word) == [name]


def test_a_shell_reads_the_quoted_word_as_the_name() -> None:
    """Bash makes the very name of it, however odd."""
    name = "it's\x1b[31m \\ \u202e\n$(id) `id` é\x01f"
    got = subprocess.run(["bash", "-c", f"printf %s {shell_word(name)}"], capture_output=True, check=True).stdout
    assert got.decode() == name


def test_a_key_is_of_the_account_and_both_its_bytes() -> None:
    """A decision made on a page that is out of date can be told by its key."""
    one = account("A", "1", "changed").account
    assert key(one) != key({**one, "before": "0" * 64})
    assert key(one) != key({**one, "sha256": "0" * 64})
    assert key(one) != key({**one, "account_id": "2"})
    assert key(one) == key({**one, "decision": "approved", "rows": 3})


def test_tables_are_tables() -> None:
    """Each table has a caption, and every header cell says what it is the header of."""
    read = _read(render(night()))
    names = [tag for tag, _ in read.tags]
    assert names.count("table") == names.count("caption") > 5
    assert {a.get("scope") for tag, a in read.tags if tag == "th"} == {"col", "row"}
    assert ("html", {"lang": "en"}) in read.tags
    assert [tag for tag in names if tag in ("header", "main", "footer", "h1")][:3] == ["header", "h1", "main"]


def test_many_changes_come_in_several_tables() -> None:
    """One account with 450 changes lists them all."""
    changes = [detail(f"P{number}", f"p{number}@x.example", "Phone", "1", "2") for number in range(450)]
    lost = [course("Q", "q@x.example", PSE)]
    words = _words(render(review(account("Large", "1", "changed", details=changes, lost=lost))))
    assert words.count("Phone12") == 450
    assert "What changes for Large, part 3 of 3" in words
