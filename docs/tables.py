"""Writes docs/columns.md and docs/settings.md from the tables in the code: `python -m docs.tables`.

A test compares the pages with what this makes, so they can't go stale.
"""

from pathlib import Path

from flows.settings import SETTINGS
from schemas.columns import COLUMNS

FOLDER = Path(__file__).parent


def columns_page() -> str:
    """The table of columns for people."""
    rows = [
        f"| {number} | {c.field} | {c.heading} | {c.cell}{', must not be blank' if c.required else ''} | {c.about} |"
        for number, c in enumerate(COLUMNS, start=1)
    ]
    return "\n".join(
        [
            "# The columns of a report",
            "",
            "Made from `schemas/columns.py` by `python -m docs.tables`.",
            "",
            "| # | field in Impartner | heading in the report | cell | what it is |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            "A flag is True, False or blank: True becomes `X`, False and blank a blank cell, anything else is a fault.",
            "A text is passed on as it is; one that a spreadsheet would run as a formula gets an apostrophe in front.",
            "",
        ]
    )


def settings_page() -> str:
    """The settings for people."""
    rows = [f"| `{setting.name}` | {setting.meaning}{' (secret)' if setting.secret else ''} |" for setting in SETTINGS]
    return "\n".join(
        [
            "# Settings",
            "",
            "Environment variables, also from a `.env` file in the working directory. `partner-certs doctor` shows",
            "what is in force. Made from `flows/settings.py` by `python -m docs.tables`.",
            "",
            "| variable | meaning |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    (FOLDER / "columns.md").write_text(columns_page(), encoding="utf-8")
    (FOLDER / "settings.md").write_text(settings_page(), encoding="utf-8")
