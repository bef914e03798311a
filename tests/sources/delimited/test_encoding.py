"""The encoding of a text: detected if that is certain, given by a person, or refused."""

import pytest

from sources.downloads import read
from tests.sources.delimited.texts import PERSON, changed, refusal, text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_nul_is_refused(file, encoding: str) -> None:
    """NUL occurs only in damaged files."""
    assert "NUL" in str(refusal(file(text(PERSON, changed(Phone="1\0")), encoding)))


def test_utf_16_without_a_bom_is_refused_as_nul(file) -> None:
    """It looks like damage; the remedy says how to save the file."""
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
def test_invalid_bytes_are_refused(file, content: bytes) -> None:
    """Bytes that fit no encoding are not guessed."""
    assert "damaged" in str(refusal(file(content)))


def test_a_character_split_across_two_cells_is_not_utf_8(file) -> None:
    """The two bytes are a valid UTF-8 sequence only if the separator between them is ignored."""
    content = text(PERSON, changed(Mailing_City="A", Mailing_State="B")).encode()
    frame = read(file(content.replace(b"A,B", b"\xc3,\xa9"))).frame
    assert frame["Mailing City"].to_list() == ["Bonn", "Ã"]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_bom_overrides_the_given_encoding(file, codec: str) -> None:
    """The BOM always wins."""
    bom = "" if codec in ("utf-8-sig", "utf-16", "utf-32") else "\ufeff"
    path = file(bom + text(changed(Mailing_City="Łódź 東京")), codec)
    for given in (None, "cp1250"):
        export = read(path, given)
        assert export.frame["Mailing City"].to_list() == ["Łódź 東京"]
        assert export.encoding in (codec.removesuffix("-sig"), f"{codec}-le")
        assert export.notices == ()


def test_valid_utf_8_overrides_the_given_encoding(file) -> None:
    """The setting may be meant for other files."""
    export = read(file(text(changed(Mailing_City="Łódź"))), "cp1250")
    assert (export.encoding, export.frame["Mailing City"].to_list()) == ("utf-8", ["Łódź"])


def test_western_european_letters_are_read_as_windows_1252(file) -> None:
    """A notice says that this was assumed."""
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
def test_other_letters_are_refused_with_candidate_encodings(file, codec: str, name: str, separator: str) -> None:
    """The faults show the first doubtful cell in each candidate; with --encoding, the file is read."""
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
    """Cells that read the same in every candidate are skipped, and so are titles."""
    rows = [changed(Full_Name="Jürgen"), changed(Mailing_City="Köln"), changed(Mailing_City="Třeboň"), PERSON]
    faults = refusal(file("Stand: März\n\n" + text(*rows), "cp1250")).faults
    assert {(fault.row, fault.column) for fault in faults} == {(6, "Mailing City")}
    assert "Třeboň" in [fault.found for fault in faults]


def test_a_doubtful_cell_far_down_is_found(file) -> None:
    """The whole file is checked, not only its beginning."""
    rows = [changed(Full_Name="Jürgen")] * 5_000
    faults = refusal(file(text(*rows, changed(Mailing_City="Łódź")), "cp1250")).faults
    assert {(fault.row, fault.column) for fault in faults} == {(5_002, "Mailing City")}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_row_of_the_first_doubtful_cell_is_right(file, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """Blank rows and line breaks inside cells count."""
    monkeypatch.setattr("sources.delimited.encoding.BLOCK", 400)
    monkeypatch.setattr("sources.delimited.candidates.SAMPLE", 2)
    before = [changed(Mailing_City=city) for city in ["Köln", "Bonn", '"Tür\n1"', "Nürnberg"] * 8]
    content = text(*before, end=end) + end + text(changed(Mailing_City="Grze\x9f"), end=end).partition(end)[2]
    error = refusal(file(content, "latin-1"))
    assert {(fault.row, fault.column) for fault in error.faults} == {(35, "Mailing City")}


def test_iso_2022_jp_is_not_read_as_ascii(file) -> None:
    """It has only ASCII bytes, so UTF-8 would show its escape sequences."""
    path = file(text(changed(Full_Name="鈴木 一郎")), "iso-2022-jp")
    error = refusal(path)
    assert [(fault.row, fault.column, fault.found) for fault in error.faults] == [(2, "Full Name", "鈴木 一郎")]
    assert "iso-2022-jp" in str(error)
    assert read(path, "iso2022_jp").frame["Full Name"].to_list() == ["鈴木 一郎"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_bom_is_read_if_given(file, codec: str) -> None:
    """Its NUL bytes give it away, but nothing is guessed."""
    path = file(text(changed(Full_Name="Łukasz")), codec)
    assert f"--encoding {codec}" in str(refusal(path))
    assert read(path, codec).frame["Full Name"].to_list() == ["Łukasz"]


@pytest.mark.parametrize("given", ["shift_jis", "cp932"])
def test_a_standard_encoding_includes_its_vendor_extensions(file, given: str) -> None:
    """Excel's Shift-JIS has more characters than the standard."""
    path = file(text(changed(Full_Name="髙橋①")), "cp932")
    assert read(path, given).frame["Full Name"].to_list() == ["髙橋①"]


def test_a_wrong_encoding_is_refused_where_it_shows(file) -> None:
    """It shows in undefined bytes and in C1 control characters."""
    polish = file(text(changed(Full_Name="Łukasz Żółkiewski Świątek")), "cp1250")
    for given in ("cp932", "iso8859-2", "utf-8"):
        error = refusal(polish, given)
        assert "damaged" in str(error)
        assert f"{given} does not have. Leave out --encoding" in str(error)


@pytest.mark.parametrize("given", [None, "cp1252", "cp1250"])
def test_utf_8_mixed_with_other_bytes_is_refused(file, given: str | None) -> None:
    """No single encoding reads both, given or not."""
    rows = [text(changed(Full_Name=name)).encode() for name in ("Jürgen", "Zoë", "Иван Петров")]
    assert "both UTF-8 and other bytes" in str(refusal(file(b"".join(rows[:1]) + "Müller\n".encode("cp1252")), given))
    assert "both UTF-8 and other bytes" in str(refusal(file(b"".join(rows)[:-60] + b"\xd0\n"), given))


def test_two_letters_of_another_script_that_are_valid_utf_8(file) -> None:
    """A file with one short Chinese name is not damaged."""
    path = file(text(changed(Full_Name="张伟")), "gbk")
    assert "gbk" in str(refusal(path))


def test_a_trailing_dos_eof_is_ignored(file) -> None:
    """Once or repeated, with or without line ends; anywhere else it is part of the text."""
    for end in (b"\x1a", b"\x1a\x1a\x1a", b"\x1a\r\n", b"\x1a" * 300 + b"\n\n"):
        assert read(file(text(PERSON).encode() + end)).frame["row"].to_list() == [2]
        assert read(file(text(PERSON).strip().encode() + end.strip(b"\r\n"))).frame["PSE Certified 2021"].to_list() == [
            True
        ]
        assert read(file((text(PERSON) + end.decode()).encode("utf-16"))).frame["row"].to_list() == [2]
    assert read(file(text(changed(Mailing_City="a\x1ab")))).frame["Mailing City"].to_list() == ["a\x1ab"]
    assert "empty" in str(refusal(file(b"\x1a")).faults)
