"""The peers: what somebody would write who needs the reports today, with the standard library, polars or pandas.

    peers.py csv|polars|pandas EXPORT OUT [ACCOUNT]
    peers.py lines EXPORT OUT
    peers.py joins BEFORE AFTER

They write the same bytes as the program, as `ACCOUNT ID.csv`, and do nothing of what it does beside: no validation, no
guard against formulas, no hashes, no reading back, no manifest, no comparison, no sync. `lines` is the fastest that we
know how to write. `joins` only counts what changed between two folders of reports. pandas is no dependency of the
project: install it to take part (`--pandas`).

They stand alone on purpose. The columns are spelt out once more, so that a mistake in the table does not hide itself,
and everything else is imported where it is used, so that nobody pays for another's imports.
"""

import os
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

TEXTS = ["Full Name", "Email", "Mailing Street", "Mailing City", "Mailing State", "Mailing Country", "Phone"]
FLAGS = [
    "Account Activated",
    "Display on Partner Locator?",
    "Administrative Privileges",
    "SA Verified",
    "Sales Badged",
    "Sales Certified",
    "PSE Certified 2020",
    "PSE Certified 2021",
]
KEPT = TEXTS + FLAGS
RENAMED = {
    "SA Verified": "Solution Architect Core Training",
    "Sales Badged": "Sales Core Training",
    "Sales Certified": "Sales Professional Accreditation",
}
HEADINGS = [RENAMED.get(field, field) for field in KEPT]


def by_csv(export: Path, out: Path, account: str | None = None) -> None:
    """With the csv module and a dict of lists."""
    import csv

    marks = {"True": "X", "False": ""}
    accounts: dict[str, list[list[str]]] = {}
    with open(export, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        next(rows)  # account id, account name, and then the kept fields
        for row in rows:
            if account in (None, row[0]):
                accounts.setdefault(row[0], []).append(row[2:9] + [marks[cell] for cell in row[9:]])
    for key, people in accounts.items():
        people.sort(key=lambda row: row[:2])
        with open(out / f"{key}.tmp", "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            writer.writerows(people)
        os.rename(out / f"{key}.tmp", out / f"{key}.csv")


def by_polars(export: Path, out: Path, account: str | None = None) -> None:
    """With polars, a frame for each account."""
    import polars as pl

    if export.suffix == ".xlsx":
        import fastexcel

        types = dict.fromkeys(["Account ID", *TEXTS], "string") | dict.fromkeys(FLAGS, "boolean")
        users = fastexcel.read_excel(export).load_sheet(0, dtypes=types).to_polars()
    else:
        users = pl.read_csv(export, infer_schema=False)
        users = users.with_columns(pl.col(FLAGS) == "True")
    users = users.with_columns(pl.when(flag).then(pl.lit("X")).alias(flag) for flag in FLAGS)
    if account is not None:
        users = users.filter(pl.col("Account ID") == account)
    for (key,), people in users.sort("Full Name", "Email").partition_by("Account ID", as_dict=True).items():
        path = out / f"{key}.tmp"
        people.select(KEPT).rename(RENAMED).write_csv(path, include_bom=True, line_terminator="\r\n")
        os.rename(path, path.with_suffix(".csv"))


def by_pandas(export: Path, out: Path, account: str | None = None) -> None:
    """With pandas, group by group."""
    import pandas as pd

    users = pd.read_csv(export, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if account is not None:
        users = users[users["Account ID"] == account]
    users = users.sort_values(["Full Name", "Email"])
    for flag in FLAGS:
        users[flag] = users[flag].map({"True": "X", "False": ""})
    for key, people in users.groupby("Account ID"):
        path = out / f"{key}.tmp"
        people[KEPT].rename(columns=RENAMED).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        os.rename(path, path.with_suffix(".csv"))


def by_lines(export: Path, out: Path) -> None:
    """With polars, all accounts at once: lines are made and sorted instead of cells, and cut from one text."""
    import polars as pl

    types = dict.fromkeys(["Account ID", "Account Name", *TEXTS], pl.String) | dict.fromkeys(FLAGS, pl.Boolean)
    users = pl.scan_csv(export, schema=types)
    marks = (pl.when(flag).then(pl.lit("X")).alias(flag) for flag in FLAGS)
    text = BytesIO()
    writing = users.select(*TEXTS, *marks).sink_csv(text, include_header=False, line_terminator="\r\n\x1e", lazy=True)
    order = users.select("Account ID", order=pl.concat_str("Full Name", pl.lit("\0"), "Email"))
    keys, _ = pl.collect_all([order, writing], engine="streaming")
    text.seek(0)
    lines = pl.read_csv(
        text, has_header=False, eol_char="\x1e", separator="\x1f", quote_char=None, infer_schema=False
    ).to_series()
    reports = keys.with_columns(lines=lines).group_by("Account ID").agg(pl.col("lines").sort_by("order").str.join(""))
    whole = memoryview(reports["lines"].str.join("").cast(pl.Binary).item())
    header, start = ("\ufeff" + ",".join(HEADINGS) + "\r\n").encode(), 0
    for key, size in reports.select("Account ID", pl.col("lines").str.len_bytes()).iter_rows():
        with open(out / f"{key}.tmp", "wb", buffering=0) as file:
            os.writev(file.fileno(), [header, whole[start : start + size]])
        os.rename(out / f"{key}.tmp", out / f"{key}.csv")
        start += size


def by_joins(before: Path, after: Path) -> dict[str, int]:
    """How many people joined and left, and how many cells of the others changed; an e-mail is in one account only."""
    import polars as pl

    old, new = (_people(folder) for folder in (before, after))
    stayed = old.join(new, on="Email", suffix="\n")
    cells = [heading for heading in HEADINGS if heading != "Email"]
    changed = stayed.select(pl.col(heading).ne_missing(pl.col(heading + "\n")).sum() for heading in cells)
    return {
        "joined": new.join(old, on="Email", how="anti").height,
        "left": old.join(new, on="Email", how="anti").height,
        "changed": int(changed.sum_horizontal().item()),
    }


def main() -> None:
    """Run one of them."""
    import json

    how, first, second, *account = sys.argv[1:]
    if how == "joins":
        print(json.dumps(by_joins(Path(first), Path(second))))
        return
    os.makedirs(second)
    peers = {"csv": by_csv, "polars": by_polars, "pandas": by_pandas, "lines": by_lines}
    peers[how](Path(first), Path(second), *account)


# ----------------------------------------------------------------------------------------------------------------------


def _people(folder: Path) -> "pl.DataFrame":
    """All reports of a folder as one frame: joined to one text first, for a parse each would take far longer."""
    import polars as pl

    reports = [path.read_bytes().partition(b"\r\n") for path in folder.iterdir()]
    return pl.read_csv(BytesIO(reports[0][0] + b"\r\n" + b"".join(rows for _, _, rows in reports)), infer_schema=False)


if __name__ == "__main__":
    main()
