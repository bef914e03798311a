"""Telling a footer (`Total: 123`, a copyright line) from a truncated row of a person."""

import re
from collections.abc import Sequence

from schemas.errors import ExportRefused
from sources.refusal import refused

CELLS = 2  # a footer has at most a label and a number


def is_footer(cells: Sequence[str]) -> bool:
    """Whether a row has nothing but a count or a legal notice, and any number of blank cells."""
    texts = [text for cell in cells if (text := cell.strip())]
    if not texts or len(texts) > CELLS or any(not re.fullmatch(_NUMBER, text) for text in texts[1:]):
        return False
    return bool(re.match(_COUNT, texts[0], re.IGNORECASE) or re.search(_LEGAL, texts[0], re.IGNORECASE))


def refusal(row: int, cells: Sequence[str], name: str) -> ExportRefused:
    """The refusal of a file that ends with a footer in this row."""
    return refused(
        name,
        f"row {row} is a footer, not a person",
        "Every row below the headings is a person",
        f"Remove row {row} and everything below it, or download the export again without totals and footers",
        row=row,
        found=" ".join(text for cell in cells if (text := cell.strip())),
    )


# ----------------------------------------------------------------------------------------------------------------------

# Patterns are compiled only when needed, which is rare
_NUMBER = r"[\d\s.,'’]+"
_COUNTED = (
    r"records?|rows?|users?|people|persons?|results?|entries|items?|contacts?|members?"
    r"|datensätze|zeilen|einträge|benutzer|lignes|enregistrements|utilisateurs|registros|filas|usuarios|righe|utenti"
)
_TOTAL = (
    r"(?:grand[ -]|sub[ -]?)?totals?|sum|count|(?:record|row|user)[ -]?count|number of|summe|gesamt(?:summe|zahl)?"
    r"|anzahl|somme|nombre|suma|cantidad|totale|numero|totaal|aantal|итого|всего|合計|総計|合计|总计|합계|총계"
)
_COUNT = (
    rf"\W*(?:(?:{_TOTAL})(?:\W*\Z|\s*[:=#(\d]|\s+(?:of|de|der|di|number|count|général|general|{_COUNTED})\b)"
    rf"|(?:{_COUNTED})\s*[:=]\s*\d|\(?\d[\d.,]*\s+(?:{_COUNTED})\b)"
)
_LEGAL = (
    r"©|\(c\)\s*\d{4}|\bcopyright\b|all rights reserved|alle rechte vorbehalten|tous droits réservés"
    r"|\bconfidential(?:\W*\Z|\s*[-–—.:]|\s+(?:information|data|and)\b)|do not distribute"
    r"|\A\W*end of (?:report|file|list|data|export)\b|\A\W*page \d+ of \d+\W*\Z"
    r"|\A\W*(?:(?:report|file|list) )?(?:generated|created|printed|exported|downloaded|run) (?:by|on|at|from)\b"
)
