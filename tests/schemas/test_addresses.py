"""Recipients' addresses: which are valid, and which are equal."""

import pytest

from schemas.addresses import ascii_address, domain_of, is_address, key, split
from schemas.webmail import is_webmail


@pytest.mark.parametrize(
    "address",
    ["ada@contoso.example", "a@b", "o'brien+tag@mail.contoso.co.uk", "ada@müller.example", "ada@xn--mller-kva.example",
     "a..b@docomo.ne.jp", "_x@contoso.example", "1@126.com"],
)  # fmt: skip
def test_a_valid_address(address: str) -> None:
    """Also with a domain in any script."""
    assert is_address(address)


@pytest.mark.parametrize(
    "text",
    ["", "ada", "@contoso.example", "ada@", "ada@@contoso.example", "ada@contoso.example, bo@contoso.example",
     "Ada <ada@contoso.example>", "ada @contoso.example", "ada@contoso .example", "ada@contoso.example\r\nBcc: x@y.z",
     "ada@contoso.example\n", "jürgen@contoso.example", "mailto:ada@contoso.example", '"a b"@contoso.example',
     "ada@contoso..example", "ada@.example", "ada@contoso.example.", "ada@[127.0.0.1]", "=cmd|'/c'!a@contoso.example",
     "+1@contoso.example", "ada@contoso.example\u200b", "ada@contoso.example;bo@contoso.example",
     "a" * 65 + "@contoso.example", "a@" + "b" * 64 + ".example", "a@" + "bcd." * 70 + "example"],
)  # fmt: skip
def test_an_invalid_address(text: str) -> None:
    """Names, lists, quotes, blanks, line breaks, invisible letters, formulas, and texts that are too long."""
    assert not is_address(text)


def test_domains_are_compared_decoded() -> None:
    """From punycode, without letter case."""
    assert key(" Ada@XN--MLLER-kva.Example ") == key("ada@MÜLLER.example") == "ada@müller.example"
    assert key("ada@ｃontoso.example") == "ada@contoso.example"
    assert domain_of("ada@Contoso.example") == "contoso.example"
    assert domain_of("ada") == ""
    assert domain_of("a@xn--99999999.example") == "xn--99999999.example"  # it is no punycode


def test_headers_use_punycode() -> None:
    """Mail programs need it."""
    assert ascii_address("Ada@müller.example") == "Ada@xn--mller-kva.example"
    assert ascii_address("Ada@contoso.example") == "Ada@contoso.example"


def test_several_addresses_are_separated_by_semicolons() -> None:
    """Blanks are trimmed and empty parts dropped."""
    assert split(" a@b.example ;c@d.example; ") == ["a@b.example", "c@d.example"]
    assert split(" ; ") == []


@pytest.mark.parametrize(
    "domain", ["gmail.com", "yahoo.co.jp", "web.de", "gmx.at", "qq.com", "outlook.com.br", "me.com"]
)
def test_webmail_domains(domain: str) -> None:
    """Anyone may have an address there."""
    assert is_webmail(domain)


@pytest.mark.parametrize(
    "domain", ["contoso.example", "mail.contoso.com", "gmail.contoso.com", "live.example", "", "com"]
)
def test_a_company_s_domain_is_no_webmail(domain: str) -> None:
    """Even if it contains a provider's name."""
    assert not is_webmail(domain)
