"""ready/: what may be attached to a mail, complete and consistent at every moment.

ready/ is a link to a numbered folder (a version) in .ready/. A release makes the next version, syncs it, and switches
the link with one rename: whoever resolves the link once (`current`) sees one complete set. The version before is kept
for those who resolved it earlier; the next release removes older ones and remains of killed releases.

Reports that stay are hard links in the new version. New ones are copied, not linked: a link would change with the
staged file, and the hashed bytes must be the ones that are sent. A release's lines go into the ledger after the switch.
Until then they are in a journal (`.ready/<number>.jsonl`), from which the next writer records a killed release.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from exports.home import ledger
from exports.home.files import make_folder, read_json, sync_file_system, sync_folder, to_json, write_file
from exports.home.layout import MANIFEST, Home
from schemas.errors import NotAllowed
from schemas.manifest import FileRow, ReadyRow
from schemas.words import some


def current(home: Home) -> Path | None:
    """The folder that ready/ links to now; None before the first release. Resolve it once, then read.

    Raises NotAllowed if the link is gone or broken, and versions are still there.
    """
    try:
        return home.ready.resolve(strict=True)
    except (FileNotFoundError, RuntimeError):  # RuntimeError: a link to itself
        _refuse_lost_link(home)
        return None


def rows(home: Home) -> list[ReadyRow]:
    """The ready reports, from the manifest in ready/."""
    folder = current(home)
    return rows_of(folder) if folder else []


def rows_of(folder: Path) -> list[ReadyRow]:
    """The reports of one version. Raises NotAllowed if its manifest is damaged or gone."""
    try:
        rows: list[ReadyRow] = read_json(folder / MANIFEST)["reports"]
        if not isinstance(rows, list):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise NotAllowed(
            f"{folder / MANIFEST} is damaged, so nobody knows what was approved. "
            f"Put it back from a backup, or move {_whole_of(folder)} away and release again"
        ) from None
    except FileNotFoundError:
        if any(folder.glob("*.csv")):
            raise NotAllowed(
                f"{folder} has reports, but its manifest.json is gone, so nobody knows what was approved. "
                f"Put it back from a backup, or move {_whole_of(folder)} away and release again"
            ) from None
        return []
    return rows


def altered(home: Home) -> list[ReadyRow]:
    """The ready reports that are gone, or whose bytes are not the approved ones."""
    folder = current(home)
    return [row for row in rows_of(folder) if not is_intact(folder / row["file"], row["sha256"])] if folder else []


def is_intact(path: Path, sha256: str) -> bool:
    """Whether a file is there and has the approved bytes."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


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
    number = max((int(folder.name) for folder in _numbered(versions)), default=0) + 1
    new = versions / f"{number:08d}"
    new.mkdir(mode=0o700)
    try:
        _fill(new, reports, sources, old)
    except NotAllowed:
        shutil.rmtree(new)
        raise
    # The journal first: a version with a manifest and no journal was ready once
    write_file(_journal(new), ledger.encode(lines))
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
    if now is not None and _journal(now).exists():
        _record(home, _journal(now))
    before = [folder for folder in _numbered(versions) if now is not None and folder.name < now.name]
    kept = {now, *before[-1:]}
    for path in versions.iterdir():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


VERSIONS = ".ready"
_LINK = ".ready.tmp"  # in the home, because .ready/ may be on another disk


def _refuse_lost_link(home: Home) -> None:
    """Raises NotAllowed if the link is lost, as in a restored backup without links: else ready/ would seem empty.

    A first release that was killed does not count: it was never ready.
    """
    versions = home.root / VERSIONS
    whole = [folder for folder in _numbered(versions) if (folder / MANIFEST).exists()] if versions.is_dir() else []
    if not whole:
        return
    recorded = [folder for folder in whole if not _journal(folder).exists()]
    if recorded or any(line["what"] == "release" for line in ledger.read(home)):
        raise NotAllowed(
            f"{home.ready} is gone or leads nowhere. It was a link, and what was ready is still there. "
            f"Make it again, in {home.root}: ln -sfn {VERSIONS}/{whole[-1].name} {home.ready.name} "
            f"(or move {versions} away to begin anew)"
        )


def _whole_of(folder: Path) -> Path:
    """The folder of all versions, or ready/ itself if it is a plain folder."""
    return folder.parent if folder.parent.name == VERSIONS else folder


def _numbered(versions: Path) -> list[Path]:
    return sorted(path for path in versions.iterdir() if path.is_dir() and path.name.isdigit())


def _journal(version: Path) -> Path:
    return version.with_name(f"{version.name}.jsonl")


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


def _record(home: Home, journal: Path) -> None:
    lines = ledger.decode(journal.read_bytes(), journal)
    recorded = {ledger.encode([line]) for line in ledger.read(home)[-len(lines) or None :]}
    ledger.append(home, [line for line in lines if ledger.encode([line]) not in recorded])
    journal.unlink()


def named(report: FileRow) -> str:
    """An account for a message that may reach a log: its id or file name."""
    return str(report["account_id"] or report["file"])
