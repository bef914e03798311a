"""A mailbox for tests: Debian's Dovecot as an ordinary process, with its own folders, in German.

Any user can log in with the one password and has their own mailbox, so each test uses its own user.
"""

import base64
import grp
import hmac
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imap_tools import MailBoxUnencrypted

from tests.loopback import free_port
from tests.sources.impartner.sealed import make_certificate

PASSWORD = "geheim-7f3a-Kennwort"
DRAFTS, SENT = "Entwürfe", "Gesendet"
PATIENCE = 240  # seconds; ample for a busy machine
PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
CONFIGURATION = r"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_username_chars =
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 0
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/tokens
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {sealed}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox Entwürfe {{
    special_use = \Drafts
    auto = create
  }}
  mailbox Gesendet {{
    special_use = \Sent
    auto = create
  }}
}}
{users}
"""
AS_NOBODY_SPECIAL = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service imap-login {{
  chroot =
}}
service anvil {{
  chroot =
}}
"""


# Like a provider's tokens: signed, and valid for an hour. The key's path has the user, the algorithm and its name
TOKENS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""
SIGNED_BY = secrets.token_bytes(32)


@dataclass(frozen=True)
class Dovecot:
    """A running server."""

    folder: Path
    port: int
    sealed: int
    certificate: Path

    @property
    def url(self) -> str:
        """Its URL."""
        return f"imap://127.0.0.1:{self.port}"

    def settings(self, user: str) -> dict[str, str]:
        """A user's settings."""
        names = {"URL": self.url, "USER": user, "PASSWORD": PASSWORD}
        return {f"PARTNER_CERTS_IMAP_{name}": value for name, value in names.items()}

    def token(self, user: str, seconds: int = 3600) -> str:
        """A user's OAuth2 token, valid for this long."""
        now = int(time.time())
        parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": user, "iat": now - 7200, "exp": now + seconds}]
        body = b".".join(_web_safe(json.dumps(part).encode()) for part in parts)
        return b".".join([body, _web_safe(hmac.digest(SIGNED_BY, body, "sha256"))]).decode()

    @contextmanager
    def as_user(self, user: str) -> Iterator[MailBoxUnencrypted]:
        """The mailbox as for a mail program."""
        with MailBoxUnencrypted("127.0.0.1", self.port, timeout=PATIENCE).login(user, PASSWORD) as mailbox:
            yield mailbox

    def mails(self, user: str, folder: str) -> list[tuple[bytes, set[str]]]:
        """Bytes and flags of all mails in a folder, left unchanged."""
        with self.as_user(user) as mailbox:
            mailbox.folder.set(folder, readonly=True)
            uids = mailbox.uids()
            result = mailbox.client.uid("FETCH", ",".join(uids), "(FLAGS BODY.PEEK[])")[1] if uids else []
            found = [one for one in result if isinstance(one, tuple)]
            flags = [line.partition(b"FLAGS (")[2].partition(b")")[0].decode().split() for line, _ in found]
            return [(data, set(of_mail)) for (_, data), of_mail in zip(found, flags, strict=True)]

    def put(self, user: str, mails: Sequence[bytes], folder: str = SENT, flags: Sequence[str] = ()) -> None:
        """Append mails to a folder, as a mail program does after sending."""
        with self.as_user(user) as mailbox:
            for mail in mails:
                mailbox.append(mail, folder, flag_set=flags)


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Start a server with its own certificate; stop it and remove its files."""
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # its sockets need a short path
    folder.chmod(0o755)
    certificate, key = make_certificate(folder)
    server = Dovecot(folder, free_port(), free_port(), certificate)
    (folder / "conf").write_text(_configuration(server, key))
    (folder / "tokens").write_text(TOKENS.format(folder=folder))
    signers = folder / "keys" / "default" / "HS256"
    signers.mkdir(parents=True)
    (signers / "default").write_bytes(base64.b64encode(SIGNED_BY))
    process = subprocess.Popen([str(PROGRAM), "-F", "-c", str(folder / "conf")])
    try:
        _await(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(folder)


def _configuration(server: Dovecot, key: Path) -> str:
    is_root = os.getuid() == 0
    owner = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.getuid())
    mail = server.folder / "mail"
    mail.mkdir()
    os.chown(mail, owner.pw_uid, owner.pw_gid)
    group = grp.getgrgid(owner.pw_gid).gr_name
    return CONFIGURATION.format(
        folder=server.folder, certificate=server.certificate, key=key, password=PASSWORD, port=server.port,
        sealed=server.sealed, uid=owner.pw_uid, gid=owner.pw_gid,
        users="" if is_root else AS_NOBODY_SPECIAL.format(user=owner.pw_name, group=group),
    )  # fmt: skip


def _await(server: Dovecot, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1) as peer:
                if peer.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"Dovecot did not start: {(server.folder / 'log').read_text()}")


def _web_safe(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
