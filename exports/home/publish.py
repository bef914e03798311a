"""Publishing: makes the next version of ready/, in one step.

A release fills a new numbered folder in .ready/, syncs it, and switches the link ready/ to it with one rename. The
version before is kept for those who read it; the next release removes older ones and remains of killed releases.

Reports that stay are hard links in the new version. New ones are copied, not linked: a link would change with the
staged file, and the hashed bytes must be the ones that are sent. A release's lines go into the ledger after the switch.
Until then they are in a journal (`.ready/<number>.jsonl`), from which the next writer records a killed release.

`ready.py` reads what is ready; `flows/review/next_ready.py` says which reports come in, go out or stay.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from exports.home import ledger
from exports.home.files import make_folder, sync_file_system, sync_folder, to_json, write_file
from exports.home.layout import MANIFEST, Home
from exports.home.ready import VERSIONS, current, journal, named, numbered
from schemas.errors import NotAllowed
from schemas.manifest import ReadyRow
from schemas.words import some


@contextmanager
def writing(home: Home) -> Iterator[None]:
    """Be the only writer of the home, and first record a release that was killed before it was recorded."""
    with home.writing():
        finish(home)
        yield


def publish(home: Home, reports: Sequence[ReadyRow], sources: Mapping[str, Path], lines: Sequence[ledger.Line]) -> None:
    """Make `reports` the ready ones and record `lines`. Requires `writing`.

    sources: the source of each file, by name. A staged report is copied; a report of the current version (even under
    another name) is linked. Both are hashed. Raises NotAllowed, and changes nothing, if two accounts share a file name,
    or if bytes are missing or don't have the row's sha256.
    """
    _refuse_shared_names(reports)
    versions = home.root / VERSIONS
    make_folder(versions)
    old = current(home)
    number = max((int(folder.name) for folder in numbered(versions)), default=0) + 1
    new = versions / f"{number:08d}"
    new.mkdir(mode=0o700)
    try:
        _fill(new, reports, sources, old)
    except NotAllowed:
        shutil.rmtree(new)
        raise
    # The journal first: a version with a manifest and no journal was ready once
    write_file(journal(new), ledger.encode(lines))
    write_file(new / MANIFEST, to_json({"reports": list(reports)}))
    sync_file_system(new)
    _switch_link(home, new)
    finish(home)


def finish(home: Home) -> None:
    """Record a release that was killed after the switch, and remove what no reader needs. Requires `writing`."""
    versions = (home.root / VERSIONS).resolve()  # like `current`, because the home may be reached through a link
    if not versions.is_dir():
        return
    now = current(home)
    if now is not None and journal(now).exists():
        _record(home, journal(now))
    before = [folder for folder in numbered(versions) if now is not None and folder.name < now.name]
    kept = {now, *before[-1:]}
    for path in versions.iterdir():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


# ----------------------------------------------------------------------------------------------------------------------

_LINK = ".ready.tmp"  # in the home, because .ready/ may be on another disk


def _refuse_shared_names(reports: Iterable[ReadyRow]) -> None:
    seen: dict[str, ReadyRow] = {}
    for report in reports:
        other = seen.setdefault(report["file"].casefold(), report)
        if other is not report:
            raise NotAllowed(
                f"The accounts {named(other)} and {named(report)} would share one file name in ready/. "
                "Approve taking the one out that is gone, or rename one in Impartner; nothing was released"
            )


def _fill(folder: Path, reports: Sequence[ReadyRow], sources: Mapping[str, Path], old: Path | None) -> None:
    wrong = [report for report in reports if not _put(folder / report["file"], report, sources[report["file"]], old)]
    if wrong:
        raise NotAllowed(
            f"Reports that are gone or no longer the bytes that were approved: {some([*map(named, wrong)])}. "
            "Nothing was released. Start a new run, review it and approve again"
        )


def _put(target: Path, report: ReadyRow, source: Path, old: Path | None) -> bool:
    try:
        data = source.read_bytes()
        if hashlib.sha256(data).hexdigest() != report["sha256"]:
            return False
        if source.parent == old:
            _link(source, target)
            return True
    except FileNotFoundError:
        return False
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.write(data)
    return True


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without hard links, or too many of one file
        shutil.copy2(source, target)


def _switch_link(home: Home, new: Path) -> None:
    link = home.root / _LINK
    link.unlink(missing_ok=True)
    link.symlink_to(Path(VERSIONS) / new.name)
    if home.ready.is_dir() and not home.ready.is_symlink():
        # a plain folder, from a restored backup, can't be replaced in one step, so it is moved aside first
        home.ready.rename(new.with_name(f"{new.name}-before"))
    link.rename(home.ready)
    sync_folder(home.root)


def _record(home: Home, path: Path) -> None:
    lines = ledger.decode(path.read_bytes(), path)
    recorded = {ledger.encode([line]) for line in ledger.read(home)[-len(lines) or None :]}
    ledger.append(home, [line for line in lines if ledger.encode([line]) not in recorded])
    path.unlink()
