"""The text of a mail: what changed, the next tier, and a team's own templates."""

import pytest

from exports.home import tiers
from exports.home.layout import Home
from flows.setting_values import parse_sender
from schemas.errors import WrongUsage
from tests.flows.mail.homes import ANA, PEOPLE, contact, drafted, lines, mail_in, only, release_run
from tests.people import PSE21, SA, SALES, person


def test_changes_since_the_last_report_are_summarised(home: Home) -> None:
    """The last one sent or drafted, or else the previous ready one."""
    drafted(home, "1001", to=[ANA])
    now = [person("Ana", ANA, courses=SA), person("Eve", "eve@contoso.example", courses=SALES)]
    release_run(home, {**PEOPLE, "1001 Contoso": now}, number=2)
    body = mail_in(only(drafted(home, "1001", to=[ANA]))).get_body(("plain",))
    assert body is not None
    assert (
        "Since your last report: one person joined, one person left, one course is no longer listed, "
        "details of one person changed." in body.get_content()
    )
    assert "last report" not in str(mail_in(only(drafted(home, "1002", to=["cy@fabrikam.example"]))))


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("Jörg Müller <help@vendor.example>", "Jörg Müller"),
        ('"Ölwerk, Hilfe" <help@vendor.example>', "Ölwerk, Hilfe"),
        ("help@vendor.example", "help@vendor.example"),
    ],
)
def test_the_sender_signs_as_people_read_the_name(home: Home, sender: str, shown: str) -> None:
    """Not as the header From encodes it, which says the same."""
    mail = mail_in(only(drafted(home, "1001", to=[ANA], sender=parse_sender(sender))))
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert [body is not None and shown in body.get_content() for body in bodies] == [True, True]
    assert "=?" not in "".join(body.get_content() for body in bodies if body)
    (address,) = mail["From"].addresses
    assert (address.display_name or address.addr_spec) == shown


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", f"Your tier is <Silver>; for Gold you need 2 more people with {SA} and one more person with {PSE21}."),
        ("de", f"Ihre Stufe ist <Silver>; für Gold fehlen noch 2 weitere Personen mit {SA} und eine weitere Person"),
        ("fr", f"Votre niveau est <Silver> ; pour Gold, il vous faut 2 personnes de plus avec {SA} et une personne de"),
        ("es", f"Su nivel es <Silver>; para Gold necesita 2 personas más con {SA} y una persona más con {PSE21}."),
        ("ja", f"現在のレベルは <Silver> です。Gold には {SA} があと 2 名、{PSE21} があと 1 名必要です。"),
    ],
)
def test_with_tiers_a_mail_says_what_the_next_one_needs(home: Home, language: str, sentence: str) -> None:
    """In its language, escaped in HTML; Impartner's tier takes precedence over the computed one."""
    rows = ["tier,course,people", f"<silver>,{SA},1", f"Gold,{SA},3", f"Gold,{PSE21},1"]
    (home.root / "tiers.csv").write_text("\n".join(rows))
    tiers.write_given(home, {"1001": "<Silver>"})
    (made,) = drafted(home, "Contoso", to=["ana@contoso.example"], language=language).made
    mail = mail_in(made.files[0])
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert sentence in text
    assert sentence.replace("<Silver>", "&lt;Silver&gt;") in html


def test_an_invalid_tiers_file_makes_no_mail(home: Home) -> None:
    """It is named, with its row."""
    (home.root / "tiers.csv").write_text("tier,course,people\nGold,Sale,1\n")
    with pytest.raises(WrongUsage, match=r"tiers\.csv, row 2, column course"):
        drafted(home, "Contoso", to=["ana@contoso.example"])
    assert not home.drafts.exists()


def test_without_drafts_the_previous_ready_report_is_the_last(home: Home) -> None:
    """Even under another file name; a report that no run has is not mentioned."""
    accounts = {**PEOPLE, "1001 Contoso": [person("Ana", ANA)]}
    release_run(home, accounts, number=2, files={"1001 Contoso": "certifications-contoso-ag-1001.csv"})
    assert "one person left" in str(drafted(home, "1001", to=[ANA], again=True).made[0].draft.text.text)
    for path in home.runs.glob("*000001/reports/*"):
        path.unlink()
    assert "last report" not in drafted(home, "1001", to=[ANA], again=True).made[0].draft.text.text


def test_a_broken_template_makes_no_draft_at_all(home: Home) -> None:
    """The message names file and line; earlier drafts are removed too."""
    folder = home.root / "templates"
    folder.mkdir()
    (folder / "mail.de.txt.j2").write_text("Hallo\n{{ acount }}\n")
    contact(home, ("1001", "", ANA), ("1002", "", "cy@fabrikam.example", "", "de"))
    with pytest.raises(WrongUsage, match=r"mail\.de\.txt\.j2, line 2: 'acount' is undefined"):
        drafted(home, "1001", "1002")
    assert not list(home.drafts.glob("*"))
    assert not lines(home, "drafted")


def test_templates_are_sandboxed(home: Home) -> None:
    """One from elsewhere can read only what it is given."""
    folder = home.root / "templates"
    folder.mkdir()
    for trick in ("{{ day.__class__.__mro__[1].__subclasses__() }}", "{{ changes.format.__globals__ }}"):
        (folder / "mail.en.txt.j2").write_text(trick)
        with pytest.raises(WrongUsage, match=r"mail\.en\.txt\.j2, line 1"):
            drafted(home, "1001", to=[ANA])


def test_a_team_s_templates_override_the_built_in_ones(home: Home) -> None:
    """One by one; a new language needs all three."""
    folder = home.root / "templates"
    folder.mkdir()
    (folder / "subject.en.txt.j2").write_text("{{ account }} on {{ day }}\n")
    for name in ("subject.it.txt.j2", "mail.it.txt.j2", "mail.it.html.j2"):
        (folder / name).write_text("Ciao {{ account }}{{ changes }}{{ tiers }} {{ people }} {{ attachments | length }}")
    assert mail_in(only(drafted(home, "1001", to=[ANA])))["Subject"] == "Contoso on 2026-11-22"
    mail = mail_in(only(drafted(home, "1001", to=[ANA], language="it", again=True)))
    assert mail["Subject"] == "Ciao Contoso 2 1"
    with pytest.raises(WrongUsage, match="no texts in the language 'nl'"):
        drafted(home, "1001", to=[ANA], language="nl")
    (folder / "mail.it.html.j2").unlink()
    with pytest.raises(WrongUsage, match=r"no template mail\.it\.html\.j2"):
        drafted(home, "1001", to=[ANA], language="it", again=True)
