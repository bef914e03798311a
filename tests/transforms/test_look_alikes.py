"""Names that look like others are reported; names in an alphabet of their own are not."""

import pytest

from transforms.look_alikes import look_alikes


@pytest.mark.parametrize(
    ("names", "suspicious"),
    [
        (["Contoso", "Соntоsо"], {1: "The name looks like that of Contoso, in letters of another alphabet"}),
        (["Contoso", "CΟNTOSO"], {1: "The name looks like that of Contoso, in letters of another alphabet"}),
        (["Fabrіkam"], {0: "The name mixes letters of two alphabets in one word: Fabrіkam"}),
        (["Contoso", "Ｃontoso"], {1: "The name looks like that of Contoso"}),
        (["Contoso", "𝐂ontoso"], {1: "The name looks like that of Contoso"}),
        (["Contoso", "Contosọ"], {1: "The name looks like that of Contoso"}),
        (["Contoso", "Cоntօso"], {1: "The name looks like that of Contoso, in letters of another alphabet"}),
        (["C0ntoso", "Contoso"], {n: f"The name looks like that of {o}" for n, o in enumerate(("Contoso", "C0ntoso"))}),
        (
            ["Contoso Inc", "Contoso lnc"],
            {0: "The name looks like that of Contoso lnc", 1: "The name looks like that of Contoso Inc"},
        ),
        (["IT Group", "LT Group", "AI", "AL", "Iota", "Lota", "Store 1", "Store 2", "CONTOSO LTD", "Contoso Ltd"], {}),
        (["Ромашка", "ООО Ромашка IT", "Δέλτα", "Łódź", "Müller", "鈴木"], {}),
        (["СССР", "CCCP"], {0: "The name looks like that of CCCP, in letters of another alphabet"}),
        (["µTorrent", "β-Carotin", "Contoso", "contoso "], {}),
        ([], {}),
    ],
)
def test_look_alikes_are_reported(names: list[str], suspicious: dict[int, str]) -> None:
    """Cyrillic and Greek letters for Latin ones, whole names and single letters."""
    assert look_alikes(names) == suspicious


def test_names_are_compared_with_others_too() -> None:
    """A run of one account is compared with the ready ones."""
    assert look_alikes(["СССР"], ["CCCP", "Contoso"]).keys() == {0}
    assert look_alikes(["CCCP"], ["СССР", "CCCP"]) == {}
