"""Checks the output of a measured process: a wrong result doesn't count. Standard library only, nothing of the program.

    check.py reports FINISHED ANSWER OUT [ACCOUNT]
    check.py changes PEER_ANSWER ANSWER

`reports`: each account has one report, nothing else lies there, and every byte is as in FINISHED, which the standard
library's csv module wrote (`make.py`). ANSWER is the standard output of the process; the program's names the folder of
its reports, a peer's is empty and its reports are in OUT. `changes`: the review has as many changes as the joins.

A process of its own, because a measured process never shows less peak memory than the one that starts it has.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path


def reports(finished: Path, answer: Path, out: Path, account: str | None = None) -> None:
    """Compare the reports of all accounts, or of one. SystemExit says what is wrong."""
    answered = answer.read_bytes()
    folder = Path(json.loads(answered)["run_dir"]) / "reports" if answered else out
    found = {_account(path): path for path in folder.iterdir()}
    with finished.open("rb") as file:
        for line in finished.with_name("finished.names").read_text().splitlines():
            length, _, key = line.partition(" ")
            expected = file.read(int(length))
            if account not in (None, key):
                continue
            if key not in found:
                raise SystemExit(f"{folder}: account {key} has no report")
            if found.pop(key).read_bytes() != expected:
                raise SystemExit(f"{folder}: the report of account {key} is not what the standard library writes")
    if found:
        raise SystemExit(f"{folder}: {len(found)} files too many, such as {next(iter(found.values())).name}")


def changes(peer: Path, answer: Path) -> None:
    """Compare the totals of a review with those of the joins. SystemExit says what is wrong."""
    expected, answered = json.loads(peer.read_bytes()), json.loads(answer.read_bytes())["totals"]
    changed = answered["gained"] + answered["lost"] + answered["details"]
    counted = {"joined": answered["joined"], "left": answered["left"], "changed": changed}
    if counted != expected:
        raise SystemExit(f"The review has {counted}, the joins {expected}")


def main(words: Sequence[str]) -> None:
    """Run one of the two."""
    what, *paths = words
    if what == "changes":
        changes(*map(Path, paths))
        return
    finished, answer, out, *account = paths
    reports(Path(finished), Path(answer), Path(out), *account)


def _account(path: Path) -> str:
    """The account id in a file name: the program's have name and id, a peer's only the id."""
    return path.stem.rpartition("-")[2] if path.suffix == ".csv" else path.name


if __name__ == "__main__":
    main(sys.argv[1:])
