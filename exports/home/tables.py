"""Tables that people keep in the home (contacts, tiers), as rows of cells. Their modules know the columns."""

import csv
from pathlib import Path

from exports.reports.rows import cells
from schemas.errors import WrongUsage


def read_table(path: Path) -> list[list[str]] | None:
    """All rows, in either profile; None if there is no such file. Raises WrongUsage if it is not CSV in UTF-8."""
    try:
        return cells(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WrongUsage(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongUsage(f"{path} is not UTF-8. Save it as CSV UTF-8 and try again") from None
    except csv.Error as error:
        raise WrongUsage(f"{path} is not a CSV file ({error}). Correct it, or move it away") from None
