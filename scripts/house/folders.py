"""Where the house keeps its things, who may enter, and the locks and secrets among them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import re
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import IO

from scripts.house.telling import SetupError

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").absolute()
RUN = VAR / "run"
LOGS = VAR / "log"
_SOCKET_LIMIT = 100
"""Linux allows 107 bytes for a socket's path."""
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


def postgres_user() -> str | None:
    """The user PostgreSQL runs as, when it is not ourselves."""
    return "postgres" if os.geteuid() == 0 else None


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def make_folder(folder: Path, owner: str | None) -> Path:
    """Make a folder that only its owner (and root) may enter; refuse one that somebody else put there."""
    uid = pwd.getpwnam(owner).pw_uid if owner else os.geteuid()
    gid = pwd.getpwnam(owner).pw_gid if owner else os.getegid()
    if not folder.is_symlink() and not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, gid)
    found = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or found.st_uid != uid:
        raise SetupError(
            f"{folder} belongs to {name_of(found.st_uid)}, not to {name_of(uid)}.",
            "start as the user who made it, or set VAR_DIR to a folder of your own.",
        )
    folder.chmod(0o700)
    return folder


def services_folder() -> Path:
    """Where the private servers keep their files: var/services, or what that links to.

    As root PostgreSQL runs as the user `postgres`, who cannot enter a checkout under a closed home: then the data
    is kept under /var/lib, and var/services is a link that shows where.
    """
    folder = VAR / "services"
    if folder.exists():
        return folder.resolve()
    folder.unlink(missing_ok=True)
    folder.mkdir(mode=0o755, parents=True)
    folder.chmod(0o755)
    user = postgres_user()
    if user and subprocess.run(["test", "-x", f"{folder}/."], user=user, group=user, cwd="/").returncode != 0:
        folder.rmdir()
        elsewhere = Path("/var/lib") / _short_name()
        elsewhere.mkdir(mode=0o755, exist_ok=True)
        folder.symlink_to(elsewhere)
    return folder.resolve()


def socket_folder(beside: Path, name: str, owner: str | None) -> Path:
    """A folder for a socket: the one given, or a short plain one under /tmp when its path would not do."""
    is_short = len(os.fsencode(beside / ".s.PGSQL.5432")) <= _SOCKET_LIMIT
    if is_short and _PLAIN_PATH.fullmatch(str(beside)):
        return make_folder(beside, owner)
    return make_folder(Path("/tmp") / f"{_short_name()}-{os.geteuid()}-{name}", owner)


def _short_name() -> str:
    return "geoservice-" + hashlib.sha256(str(VAR).encode()).hexdigest()[:12]


def write_private(path: Path, text: str, owner: str | None = None) -> None:
    """Write a file that only its owner may read; a reader never sees half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    if owner:
        shutil.chown(fresh, owner, pwd.getpwnam(owner).pw_gid)
    fresh.rename(path)


def secret(path: Path) -> str:
    """A random secret, made once and kept in a file that only we may read."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48) + "\n")
    return path.read_text().strip()


def lock(name: str, how: int = fcntl.LOCK_EX) -> IO[str]:
    """Wait for a lock of var/run, held until the file is closed or we die, however suddenly."""
    RUN.mkdir(parents=True, exist_ok=True)
    file = (RUN / name).open("a+")
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        file.close()
        raise
    return file


def try_lock(name: str) -> IO[str] | None:
    """The same without waiting; None while another process holds it."""
    try:
        return lock(name, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
