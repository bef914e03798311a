"""Mutated input of people and partners: mails, contacts, templates, requests to the desk."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.home.contacts import BY_HAND
from exports.home.layout import Home
from exports.mail.draft import Attachment, message
from exports.mail.reply import read_mail
from exports.mail.texts import Text
from flows.mail.contacts import list_contacts
from schemas.addresses import is_address
from schemas.errors import Stop
from tests.desk.desks import morning
from tests.desk.sites import decision_on, open_site
from tests.examples import few
from tests.flows.mail.homes import drafted, mail_in, release_run
from tests.fuzz.mutations import VALUES, mutated, mutated_json

MAIL = (
    b"From: =?utf-8?q?J=C3=BCrgen?= <j@contoso.example>\r\nReply-To: Ana <ana@contoso.example>\r\n"
    b"To: desk@vendor.example\r\nSubject: =?utf-8?b?UmU6IFJlcG9ydA==?=\r\nMessage-ID: <1@contoso.example>\r\n"
    b"References: <0@contoso.example>\r\n <00@contoso.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b--\r\n'
)
CONTACTS = (
    "\ufeffaccount_id,account,to,cc,language,profile,attach\r\n"
    '1001,Contoso,"ana@contoso.example; bo@contoso.example",owner@vendor.example,de,eu,both\r\n'
    ",Litware,di@litware.example,,,,\r\n"
).encode()
TEMPLATE = b"Dear {{ account }},\n{% if changes %}{{ changes }}{% endif %}\n{{ attachments|join(', ') }} {{ day }}\n"


@given(data=st.data())
def test_a_mail_is_answered_with_valid_headers_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """The reply has only the expected headers, one line each."""
    path = tmp_path / "mail.eml"
    path.write_bytes(data.draw(mutated(MAIL)))
    try:
        asked = read_mail(path)
    except Stop:
        return
    assert all(map(is_address, asked.to))
    text = Text(asked.subject, "Hello", "<p>Hello</p>")
    made = message(text, asked.to, [], "", [Attachment("a.csv", b"a\r\n", "0" * 64)], asked.thread)
    names = [
        line.partition(b":")[0] for line in made.partition(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] not in b" \t"
    ]
    assert len(names) == len(set(names))
    assert {*names} <= {
        *(b"X-Unsent", b"To", b"Subject", b"In-Reply-To", b"References", b"MIME-Version", b"Content-Type"),
    }
    assert all(len(line) <= 998 for line in made.split(b"\r\n"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Three accounts are ready."""
    made = Home(tmp_path_factory.mktemp("fuzz") / "home")
    release_run(made)
    return made


@given(data=st.data())
def test_contacts_are_valid_faulty_or_refused(home: Home, data: st.DataObject) -> None:
    """An invalid address is a fault."""
    (home.root / BY_HAND).write_bytes(data.draw(mutated(CONTACTS)))
    try:
        found = list_contacts(home)
    except Stop:
        return
    assert all(fault.rule and fault.remedy for faults in found["faults"].values() for fault in faults)
    addresses = [address for one in found["contacts"] for address in (*one["to"], *one["cc"])]
    assert all(map(is_address, addresses)) or any(found["faults"].values())


@few(10)
@given(data=st.data())
def test_a_template_makes_a_mail_or_is_named(home: Home, data: st.DataObject, tmp_path: Path) -> None:
    """A broken one is refused with file and line; none reads other data or injects a header."""
    (home.root / BY_HAND).unlink(missing_ok=True)
    templates = home.root / "templates"
    templates.mkdir(exist_ok=True)
    name = data.draw(st.sampled_from(["mail.en.txt.j2", "mail.en.html.j2", "subject.en.txt.j2"]))
    place = templates / name
    place.write_bytes(data.draw(mutated(TEMPLATE)))
    made = []
    try:
        made = drafted(home, "1001", to=["ana@contoso.example"], again=True).made
    except Stop as stop:
        refusal = str(stop)
    else:
        refusal = ""
    finally:
        place.unlink()
    assert name in refusal or [mail_in(one.files[0])["To"] for one in made] == ["ana@contoso.example"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A browser on a team's desk."""
    with open_site(morning(tmp_path_factory.mktemp("desk") / "home")) as client:
        yield client


KEY = "1295686"  # of a partner who is ready
PATHS = ["/", "/partners", "/partners/x", "/accounts/x", "/groups/x", "/decisions", "/release", "/runs", "/static/x"]
PATHS += [f"/partners/{KEY}", f"/partners/{KEY}/pull", f"/partners/{KEY}/drafts", "/drafts", "/runs/x", "/overview"]
ASKED = {
    "run": "latest",
    "what": "approve",
    "by": "Jo",
    "reason": "so",
    "version": 1,
    "items": [{"key": "x", "seen": "y"}],
    "key": "x",
    "seen": "y",
    "to": "ana@contoso.example",
    "confirm": ["ana@contoso.example"],
    "again": True,
}


JSON = {"Content-Type": "application/json"}  # without it, bodies are ignored
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture(scope="module")
def wanted(browser: httpx.Client) -> dict[str, object]:
    """A valid decision, with the fields of other requests."""
    return ASKED | decision_on(browser, "Contoso GmbH", "hold", reason="so")


@few(8)
@given(path=st.sampled_from(PATHS), more=WORDS, value=st.sampled_from(VALUES) | WORDS, data=st.data())
def test_the_desk_responds_to_every_request(
    browser: httpx.Client, wanted: dict[str, object], path: str, more: str, value: object, data: st.DataObject
) -> None:
    """With 4xx at worst, in words."""
    asked = data.draw(mutated_json(wanted))
    where = {"run": more, "q": str(value).encode(errors="replace"), "account": more, "seen": more}
    body = {"content": json.dumps(asked), "headers": JSON}
    for answer in (
        browser.get(f"{path}/{quote(more, errors='replace')}", params=where),
        browser.get(path, params=where),
        browser.post("/decisions", **body),
        browser.post("/release", **body),
        browser.post("/decisions", content=str(value).encode("utf-8", "surrogatepass"), headers=JSON),
        browser.post("/partners/x/draft", **body),
        browser.post("/partners/x/decision", content=json.dumps(value), headers=JSON),
        browser.post(f"/partners/{KEY}/decision", **body),
        browser.post(f"/partners/{KEY}/draft", **body),
        browser.post("/drafts", **body),
    ):
        assert answer.status_code < 500, (answer.request.url, answer.text)
        assert "unforeseen" not in answer.text
