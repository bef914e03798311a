"""Names that look like others are said aloud; names in an alphabet of their own are not."""

import pytest

from transforms.look_alikes import look_alikes


@pytest.mark.parametrize(
    ("names", "suspicious"),
    [
        (["Contoso", "Соntоsо"], {1: "The name looks like that of Contoso, in letters of another alphabet"}),
        (["Contoso", "CΟNTOSO"], {1: "The name looks like that of Contoso, in letters of another alphabet"}),
        (["Fabrіkam"], {0: "The name mixes letters of two alphabets in one word: Fabrіkam"}),
        (["Ромашка", "ООО Ромашка IT", "Δέλτα", "Łódź", "Müller", "鈴木"], {}),
        (["СССР", "CCCP"], {0: "The name looks like that of CCCP, in letters of another alphabet"}),
        (["µTorrent", "β-Carotin", "Contoso", "contoso "], {}),
        ([], {}),
    ],
)
def test_what_the_eye_takes_for_another(names: list[str], suspicious: dict[int, str]) -> None:
    """Cyrillic and Greek letters for Latin ones, whole names and single letters."""
    assert look_alikes(names) == suspicious
