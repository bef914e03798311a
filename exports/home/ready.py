"""ready/: what may be attached to a mail, complete and consistent at every moment.

ready/ is a link to a numbered folder in .ready/. A release makes the next number beside it, syncs it, and turns the
link with one rename: whoever resolves the link once (`current`) sees one whole set. The number before is kept for
those who resolved it then; older ones and what killed releases left are removed by the next.

Reports that stay are hard links into the new folder. Those that come in are copied, not linked: a link would change
along with the staged file, and what was hashed is to be what is sent.
The lines of a release go into the ledger after the turn; until then they wait in a journal (`.ready/<number>.jsonl`),
so that a killed release is recorded by the next command that writes.
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
    """The folder that ready/ is now; None before the first release. Resolve it once, then read.

    Raises NotAllowed if the link is gone, or leads nowhere, and what was ready is still there.
    """
    try:
        return home.ready.resolve(strict=True)
    except (FileNotFoundError, RuntimeError):  # RuntimeError: a link to itself
        _refuse_lost_link(home)
        return None


def rows(home: Home) -> list[ReadyRow]:
    """The reports that are ready, as the manifest in ready/ has them."""
    folder = current(home)
    return rows_of(folder) if folder else []


def rows_of(folder: Path) -> list[ReadyRow]:
    """The reports of one resolved ready/."""
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
    """The ready reports that are gone or have other bytes than those that were approved."""
    folder = current(home)
    return [row for row in rows_of(folder) if not is_intact(folder / row["file"], row["sha256"])] if folder else []


def is_intact(path: Path, sha256: str) -> bool:
    """Whether a file is there and has the bytes that were approved."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


@contextmanager
def writing(home: Home) -> Iterator[None]:
    """Be the only writer; whoever is, first records a release that was killed before it could."""
    with home.writing():
        finish(home)
        yield


def publish(home: Home, reports: Sequence[ReadyRow], sources: Mapping[str, Path], lines: Sequence[ledger.Line]) -> None:
    """Make `reports` what is ready and record `lines`. Call it while `writing`.

    `sources`: where the bytes of a file come from: a staged report is copied; a report of the current folder (the
    same or under another name) is linked; both are hashed on the way. Raises NotAllowed, and changes nothing, if two
    accounts share a file name, or if bytes are missing or are not those of the row's sha256.
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
    write_file(_journal(new), ledger.encode(lines))  # before the manifest: what has one and no journal was ready once
    write_file(new / MANIFEST, to_json({"reports": list(reports)}))
    sync_file_system(new)
    _turn(home, new)
    finish(home)


def finish(home: Home) -> None:
    """Record a release that was killed after its turn, and remove what no reader needs. Call it as the writer."""
    versions = (home.root / VERSIONS).resolve()  # as `current` is: the home may be reached through a link
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
_LINK = ".ready.tmp"  # in the home, which may be on another disk than what it leads to


def _refuse_lost_link(home: Home) -> None:
    """Without the link, nobody may take what partners have for nothing, nor remove it.

    It is as after a restored backup that left links out. A first release that was killed was never ready.
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
    """All that is ready and was: the versions, or ready/ itself where it is a plain folder."""
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


def _turn(home: Home, new: Path) -> None:
    link = home.root / _LINK
    link.unlink(missing_ok=True)
    link.symlink_to(Path(VERSIONS) / new.name)
    if home.ready.is_dir() and not home.ready.is_symlink():
        # a plain folder, as a restored backup has it: it can't be exchanged in one step, so it steps aside first
        home.ready.rename(new.with_name(f"{new.name}-before"))
    link.rename(home.ready)
    sync_folder(home.root)


def _record(home: Home, journal: Path) -> None:
    lines = ledger.decode(journal.read_bytes(), journal)
    recorded = {ledger.encode([line]) for line in ledger.read(home)[-len(lines) or None :]}
    ledger.append(home, [line for line in lines if ledger.encode([line]) not in recorded])
    journal.unlink()


def named(report: FileRow) -> str:
    """An account in a message that may reach a log: its id, or the file name."""
    return str(report["account_id"] or report["file"])
