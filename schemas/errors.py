"""What stops a run, grouped by what the caller does next.

    Stop                    show the message; the exit status says which kind it is
      WrongUsage      2     correct the command or the settings
      ExportRefused   3     correct the export; nothing was written; carries the faults
      NoSuchAccount   3     name an account that is there; nothing was done
      Unreachable     5     see to Impartner, its key or tenant, or to the mailbox; nothing was written
      NotAllowed      6     a decision is missing or no longer fits the bytes, or another run is writing

Messages never carry personal data: they may reach logs and Prefect. Faults do, and stay with the asking person.
"""

import errno
from collections.abc import Mapping, Sequence
from typing import ClassVar

from schemas.faults import Fault


class Stop(Exception):  # noqa: N818  it is a decision to stop, and most of them are nobody's error
    """Something that a person can do something about: what happened, where, and what to do next."""

    exit_status: ClassVar[int] = 1


class WrongUsage(Stop):
    """The command or a setting is wrong."""

    exit_status = 2


class ExportRefused(Stop):
    """The export can't be used at all; `faults` has every reason.

    notices: what a person should know of it besides, such as an encoding that was assumed.
    """

    exit_status = 3

    def __init__(self, message: str, faults: Sequence[Fault] = (), notices: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)
        self.notices = tuple(notices)


class NoSuchAccount(Stop):
    """No account is called so, or several could be meant."""

    exit_status = 3


class Unreachable(Stop):
    """Impartner or the mailbox can't be reached or refuses who asks, or Impartner failed a proof."""

    exit_status = 5


class NotAllowed(Stop):
    """Refused because a decision is missing or no longer fits the bytes, or because somebody else is writing."""

    exit_status = 6


def of_system(problem: OSError) -> str:
    """What the system refused, where, and what to do about it; "" if nobody foresaw it. Names no person."""
    remedy = _REMEDIES.get(problem.errno or 0, "")
    if not remedy or problem.errno in _FULL:  # where the disk is full is not where to make room
        return remedy
    return f"{problem.strerror}: {problem.filename or 'no file is named'}. {remedy}"


_FULL = (errno.ENOSPC, errno.EDQUOT)
_IN_THE_WAY = (
    "Something else stands where the program needs a file or a folder of its own. Move it away, then try again"
)
_NOT_YOURS = "See that it belongs to the user who runs this, and that it is open to nobody else, then try again"
_REMEDIES: Mapping[int, str] = {
    **dict.fromkeys(
        _FULL, "The disk is full. Make room where the home folder is, or where the answer goes, then try again"
    ),
    **dict.fromkeys((errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP), _IN_THE_WAY),
    **dict.fromkeys((errno.EACCES, errno.EPERM), _NOT_YOURS),
    errno.EROFS: "It can be read only. Make it writable, or name another folder, then try again",
    errno.EIO: "The disk failed. Have it checked before anything is released from it, then try again",
}
