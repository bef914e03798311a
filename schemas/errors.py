"""What stops a run, grouped by what the caller does next.

    Stop                    show the message; the exit status says which kind it is
      WrongUsage      2     correct the command or the settings
      ExportRefused   3     correct the export; nothing was written; carries the faults
      NoSuchAccount   3     name an existing account; nothing was done
      Unreachable     5     check Impartner, its key or tenant, or the mailbox; nothing was written
      NotAllowed      6     a decision is missing or no longer fits the bytes, or another run is writing

Messages never contain personal data, because they may reach logs and Prefect. Faults do; only the person who asked sees
them.
"""

import errno
from collections.abc import Mapping, Sequence
from typing import ClassVar

from schemas.faults import Fault


class Stop(Exception):  # noqa: N818  it is a decision to stop, mostly without an error
    """A stop that a person can act on: the message says what happened, where, and what to do next."""

    exit_status: ClassVar[int] = 1


class WrongUsage(Stop):
    """The command or a setting is wrong."""

    exit_status = 2


class ExportRefused(Stop):
    """The export can't be used at all; `faults` has every reason.

    notices: what else a person should know about it, such as an assumed encoding.
    """

    exit_status = 3

    def __init__(self, message: str, faults: Sequence[Fault] = (), notices: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)
        self.notices = tuple(notices)


class NoSuchAccount(Stop):
    """No account has this name or id, or several could be meant."""

    exit_status = 3


class Unreachable(Stop):
    """Impartner or the mailbox can't be reached or denies access, or Impartner failed a proof."""

    exit_status = 5


class NotAllowed(Stop):
    """A decision is missing or no longer fits the bytes, or somebody else is writing."""

    exit_status = 6


def os_error_message(error: OSError) -> str:
    """What failed, where, and what to do about it; "" for an unexpected error. Names no person."""
    remedy = _REMEDIES.get(error.errno or 0, "")
    if not remedy or error.errno in _FULL:  # the file that did not fit is not where to free space
        return remedy
    return f"{error.strerror}: {error.filename or 'no file is named'}. {remedy}"


_FULL = (errno.ENOSPC, errno.EDQUOT)
_IN_THE_WAY = "Something else is where the program needs a file or folder of its own. Move it away, then try again"
_NOT_YOURS = "Make sure that it belongs to the user who runs this, and that nobody else can open it, then try again"
_REMEDIES: Mapping[int, str] = {
    **dict.fromkeys(
        _FULL, "The disk is full. Make room where the home folder is, or where the output goes, then try again"
    ),
    **dict.fromkeys((errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP), _IN_THE_WAY),
    **dict.fromkeys((errno.EACCES, errno.EPERM), _NOT_YOURS),
    errno.EROFS: "It is read-only. Make it writable, or name another folder, then try again",
    errno.EIO: "The disk failed. Have it checked before anything is released from it, then try again",
}
