"""Which encoding a text has: found out where that can be done for sure, given by a person, or refused."""

import pytest

from sources.downloads import read
from tests.sources.delimited.texts import PERSON, changed, refusal, text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_nul_refuses_the_file(file, encoding: str) -> None:
    """NUL stands in damaged files only."""
    assert "NUL" in str(refusal(file(text(PERSON, changed(Phone="1\0")), encoding)))


def test_utf_16_without_bom_is_told_as_nul(file) -> None:
    """Without BOM it can't be told from damage; the remedy says what to do."""
    assert "CSV UTF-8" in str(refusal(file(text(PERSON), "utf-16-le")))


@pytest.mark.parametrize(
    "content",
    [
        text(PERSON, changed(Mailing_City="Köln")).encode() + text(changed(Mailing_City="Köln")).encode("windows-1252"),
        text(changed(Mailing_City="K?ln")).encode().replace(b"?", b"\x81"),
        b"\xef\xbb\xbf" + text(changed(Mailing_City="Köln")).encode("windows-1252"),
        text(PERSON).encode("utf-16") + b"\0",
        text(PERSON).encode("utf-16") + b"\x00\xd8",
    ],
    ids=["mixed", "not in Windows-1252", "not UTF-8 after its BOM", "half a letter", "half a pair"],
)
def test_damaged_letters_refuse_the_file(file, content: bytes) -> None:
    """Bytes that fit no encoding are never guessed at."""
    assert "damaged" in str(refusal(file(content)))


def test_an_invalid_byte_pair_across_two_cells(file) -> None:
    """Two cells whose bytes make one UTF-8 letter together are not UTF-8."""
    content = text(PERSON, changed(Mailing_City="A", Mailing_State="B")).encode()
    frame = read(file(content.replace(b"A,B", b"\xc3,\xa9"))).frame
    assert frame["Mailing City"].to_list() == ["Bonn", "Ã"]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_bom_decides(file, codec: str) -> None:
    """Also against the encoding that a person gave."""
    bom = "" if codec in ("utf-8-sig", "utf-16", "utf-32") else "\ufeff"
    path = file(bom + text(changed(Mailing_City="Łódź 東京")), codec)
    for given in (None, "cp1250"):
        export = read(path, given)
        assert export.frame["Mailing City"].to_list() == ["Łódź 東京"]
        assert export.encoding in (codec.removesuffix("-sig"), f"{codec}-le")
        assert export.notices == ()


def test_utf_8_is_utf_8_whatever_was_given(file) -> None:
    """The setting may be there for other files."""
    export = read(file(text(changed(Mailing_City="Łódź"))), "cp1250")
    assert (export.encoding, export.frame["Mailing City"].to_list()) == ("utf-8", ["Łódź"])


def test_western_european_letters_are_windows_1252(file) -> None:
    """A person is told that this was assumed."""
    names = ["Jürgen Müller", "Søren Ærø", "João Peña", "L’Haÿ-les-Roses", "“Œuvre” – 5 €"]
    export = read(file(text(*(changed(Full_Name=name) for name in names)), "cp1252"))
    assert export.frame["Full Name"].to_list() == names
    assert export.encoding == "windows-1252"
    (notice,) = export.notices
    assert "windows-1252" in notice
    assert "--encoding" in notice
    given = read(file(text(changed(Full_Name=names[0])), "cp1252"), "cp1252")
    assert (given.encoding, given.notices) == ("windows-1252", ())


NAMES = {
    "cp1250": ["Łukasz Żółkiewski", "Jiří Dvořák", "Erdős Győző", "Ionuţ Brătianu"],
    "iso-8859-2": ["Šárka Dvořáková"],
    "cp852": ["Łukasz Żółkiewski"],
    "cp1251": ["Иван Петров", "Олександр Шевченко"],
    "koi8-r": ["Иван Петров"],
    "cp866": ["Иван Петров"],
    "cp1253": ["Ελένη Παπαδοπούλου"],
    "cp1254": ["Işık Yılmaz", "Doğan Şahin"],
    "cp1255": ["עומר כהן"],
    "cp1256": ["محمد حسن"],
    "cp1257": ["Jānis Bērziņš", "Živilė Šimkutė"],
    "mac-roman": ["Chloé Müller", "José García", "Søren Sæther"],
    "cp850": ["Jörg Müller", "André Peña"],
    "cp874": ["สมชาย ใจดี"],
    "cp932": ["鈴木 一郎", "髙橋 花子"],
    "euc-jp": ["鈴木 一郎"],
    "gbk": ["张伟", "王小明"],
    "big5": ["陳大文"],
    "cp949": ["김민준"],
}


@pytest.mark.parametrize(("codec", "name"), [(codec, name) for codec, names in NAMES.items() for name in names])
@pytest.mark.parametrize("separator", [",", ";"])
def test_other_letters_are_refused_with_the_encodings_and_how_they_read(
    file, codec: str, name: str, separator: str
) -> None:
    """The message names the encodings, the faults the first such cell as it reads in each; given, it is read."""
    people = [PERSON, changed(Full_Name=name, Mailing_City=name), changed(Full_Name=f"{name} 2")]
    path = file(text(*people, separator=separator), codec)
    error = refusal(path)
    assert codec in str(error)
    assert "row 3" in str(error)
    assert name not in str(error)
    assert all(fault.row == 3 and fault.column == "Full Name" for fault in error.faults)
    assert (name, f"Give --encoding {codec} if that is right") in [
        (fault.found, fault.remedy) for fault in error.faults
    ]
    export = read(path, codec)
    assert export.frame["Full Name"].to_list() == ["Ann Lee", name, f"{name} 2"]
    assert export.encoding is not None
    assert export.notices == ()


def test_the_first_doubtful_cell_is_shown(file) -> None:
    """Not one above it that would read the same in all encodings, and not a blank title."""
    rows = [changed(Full_Name="Jürgen"), changed(Mailing_City="Köln"), changed(Mailing_City="Třeboň"), PERSON]
    faults = refusal(file("Stand: März\n\n" + text(*rows), "cp1250")).faults
    assert {(fault.row, fault.column) for fault in faults} == {(6, "Mailing City")}
    assert "Třeboň" in [fault.found for fault in faults]


def test_a_doubtful_cell_far_down(file) -> None:
    """All of a file must read as Western European, not its beginning."""
    rows = [changed(Full_Name="Jürgen")] * 5_000
    faults = refusal(file(text(*rows, changed(Mailing_City="Łódź")), "cp1250")).faults
    assert {(fault.row, fault.column) for fault in faults} == {(5_002, "Mailing City")}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_before_the_first_doubtful_cell_are_counted_right(file, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """Where all words are plausible, rows are only counted, blank ones and those with line ends in cells too."""
    monkeypatch.setattr("sources.delimited.encoding.BLOCK", 400)
    monkeypatch.setattr("sources.delimited.candidates.SAMPLE", 2)
    before = [changed(Mailing_City=city) for city in ["Köln", "Bonn", '"Tür\n1"', "Nürnberg"] * 8]
    content = text(*before, end=end) + end + text(changed(Mailing_City="Grze\x9f"), end=end).partition(end)[2]
    error = refusal(file(content, "latin-1"))
    assert {(fault.row, fault.column) for fault in error.faults} == {(35, "Mailing City")}


def test_letters_that_are_escaped_in_ascii(file) -> None:
    """ISO-2022-JP has no byte beyond ASCII; UTF-8 would show its escapes."""
    path = file(text(changed(Full_Name="鈴木 一郎")), "iso-2022-jp")
    error = refusal(path)
    assert [(fault.row, fault.column, fault.found) for fault in error.faults] == [(2, "Full Name", "鈴木 一郎")]
    assert "iso-2022-jp" in str(error)
    assert read(path, "iso2022_jp").frame["Full Name"].to_list() == ["鈴木 一郎"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_bom_is_read_if_it_is_given(file, codec: str) -> None:
    """Its NUL bytes show what it is, but nothing is guessed."""
    path = file(text(changed(Full_Name="Łukasz")), codec)
    assert f"--encoding {codec}" in str(refusal(path))
    assert read(path, codec).frame["Full Name"].to_list() == ["Łukasz"]


@pytest.mark.parametrize("given", ["shift_jis", "cp932"])
def test_an_encoding_is_read_with_all_that_programs_write_under_its_name(file, given: str) -> None:
    """Excel's Shift-JIS has more letters than the standard of that name."""
    path = file(text(changed(Full_Name="髙橋①")), "cp932")
    assert read(path, given).frame["Full Name"].to_list() == ["髙橋①"]


def test_a_wrong_encoding_is_refused_where_that_can_be_told(file) -> None:
    """Bytes that it does not have, and bytes that it only has as control characters."""
    polish = file(text(changed(Full_Name="Łukasz Żółkiewski Świątek")), "cp1250")
    for given in ("cp932", "iso8859-2", "utf-8"):
        error = refusal(polish, given)
        assert "damaged" in str(error)
        assert f"{given} does not have. Leave out --encoding" in str(error)


@pytest.mark.parametrize("given", [None, "cp1252", "cp1250"])
def test_utf_8_and_other_bytes(file, given: str | None) -> None:
    """No single encoding reads both, also if one was given."""
    rows = [text(changed(Full_Name=name)).encode() for name in ("Jürgen", "Zoë", "Иван Петров")]
    assert "both UTF-8 and other bytes" in str(refusal(file(b"".join(rows[:1]) + "Müller\n".encode("cp1252")), given))
    assert "both UTF-8 and other bytes" in str(refusal(file(b"".join(rows)[:-60] + b"\xd0\n"), given))


def test_two_letters_of_another_script_that_happen_to_be_utf_8(file) -> None:
    """A file with one short Chinese name is not damaged."""
    path = file(text(changed(Full_Name="张伟")), "gbk")
    assert "gbk" in str(refusal(path))


def test_the_dos_sign_of_the_end_is_nothing(file) -> None:
    """With or without line ends, once or many times; anywhere else it is part of the text."""
    for end in (b"\x1a", b"\x1a\x1a\x1a", b"\x1a\r\n", b"\x1a" * 300 + b"\n\n"):
        assert read(file(text(PERSON).encode() + end)).frame["row"].to_list() == [2]
        assert read(file(text(PERSON).strip().encode() + end.strip(b"\r\n"))).frame["PSE Certified 2021"].to_list() == [
            True
        ]
        assert read(file((text(PERSON) + end.decode()).encode("utf-16"))).frame["row"].to_list() == [2]
    assert read(file(text(changed(Mailing_City="a\x1ab")))).frame["Mailing City"].to_list() == ["a\x1ab"]
    assert "empty" in str(refusal(file(b"\x1a")).faults)
