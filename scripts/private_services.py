"""The private PostgreSQL and Redis: made, started, shared and stopped.

Both listen on Unix sockets only, inside folders that nobody but we (and, as root, the system user `postgres`, whom
PostgreSQL then runs as: it refuses root) may enter. They are shared by everything in this checkout that runs at the
same time, be it `run`, a worker or a command: each holds a shared lock, and the last to leave stops them. A kill -9
leaves them up; the next to come finds and uses them.

    private_services.py use -- COMMAND...         COMMAND with the private services
    private_services.py throwaway -- COMMAND...   COMMAND with services of its own, removed afterwards (for tests)
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn, TextIO
from urllib.parse import quote

from child_processes import (
    ProcessId,
    Program,
    answer_of,
    last_lines,
    start,
    wait_passing_signals_on,
    wait_until_gone,
    works_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

ROOT = Path(__file__).resolve().parents[1]
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").absolute()
_RUN = VAR / "run"
_SOCKET_LIMIT = 100
"""Linux allows 107 bytes for a socket's path."""
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


class SetupError(Exception):
    """A step failed: which, why and what to do; written for the person who typed the command."""

    def __init__(self, what: str, remedy: str, log: Path | None = None) -> None:
        self.what, self.remedy, self.log = what, remedy, log
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        if self.log:
            lines += [f"The last lines of {self.log}:", *(f"    {line}" for line in last_lines(self.log))]
        return "\n".join([*lines, f"What to do: {self.remedy}"])


# Folders


def _postgres_user() -> str | None:
    """The user PostgreSQL runs as, when it is not ourselves."""
    return "postgres" if os.geteuid() == 0 else None


def _make_folder(folder: Path, owner: str | None) -> Path:
    """Make a folder that only its owner (and root) may enter; refuse one that somebody else put there."""
    uid = pwd.getpwnam(owner).pw_uid if owner else os.geteuid()
    gid = pwd.getpwnam(owner).pw_gid if owner else os.getegid()
    if not folder.is_symlink() and not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, gid)
    found = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or found.st_uid != uid:
        raise SetupError(
            f"{folder} belongs to {_name_of(found.st_uid)}, not to {_name_of(uid)}.",
            "start as the user who made it, or set VAR_DIR to a folder of your own.",
        )
    folder.chmod(0o700)
    return folder


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _short_name() -> str:
    return "geoservice-" + hashlib.sha256(str(VAR).encode()).hexdigest()[:12]


def _services_folder() -> Path:
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
    user = _postgres_user()
    if user and subprocess.run(["test", "-x", f"{folder}/."], user=user, group=user, cwd="/").returncode != 0:
        folder.rmdir()
        elsewhere = Path("/var/lib") / _short_name()
        elsewhere.mkdir(mode=0o755, exist_ok=True)
        folder.symlink_to(elsewhere)
    return folder.resolve()


def _socket_folder(beside: Path, name: str, owner: str | None) -> Path:
    """A folder for a socket: the one given, or a short plain one under /tmp when its path would not do."""
    is_short = len(os.fsencode(beside / ".s.PGSQL.5432")) <= _SOCKET_LIMIT
    if is_short and _PLAIN_PATH.fullmatch(str(beside)):
        return _make_folder(beside, owner)
    return _make_folder(Path("/tmp") / f"{_short_name()}-{os.geteuid()}-{name}", owner)


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


def say(text: str, end: str = "\n", to: TextIO | None = None) -> None:
    """Print, if anybody still listens: a closed terminal must not keep us from stopping in order."""
    with suppress(OSError):
        print(text, end=end, file=to or sys.stdout, flush=True)


# PostgreSQL


def postgres_programs(version: str | None = None) -> Path:
    """The folder of initdb and postgres: of the given major version, or the newest that has PostGIS."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    for folder in newest_first:
        extensions = Path("/usr/share/postgresql", folder.parent.name, "extension")
        if version in (None, folder.parent.name) and (extensions / "postgis.control").exists():
            return folder
    on_path = shutil.which("initdb")
    if on_path and version is None:
        return Path(on_path).resolve().parent
    raise SetupError(
        f"No PostgreSQL {version or ''} with PostGIS is installed.",
        f"apt-get install postgresql-{f'{version}-postgis-3' if version else 'postgis'}",
    )


def _major(programs: Path) -> float:
    return float(programs.parent.name)


def _without_postgres_variables() -> dict[str, str]:
    """Our environment less PGHOST, PGPORT …: they would lead the private cluster's clients to another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _memory_mb() -> int:
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError, ValueError):
        sizes.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(sizes) // 1024**2


@dataclass
class PostgreSQL:
    """A cluster of our own in `folder`: data and, if its path is short enough, the socket."""

    folder: Path
    log: Path
    throwaway: bool = False
    child: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.user = _postgres_user()
        _make_folder(self.folder, self.user)
        self.data = self.folder / "data"
        self.sockets = _socket_folder(self.folder / "s", "postgres", self.user)
        version = self.data / "PG_VERSION"
        self.programs = postgres_programs(version.read_text().strip() if version.exists() else None)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg2://geoservice@/{database}?host={quote(str(self.sockets))}"

    def process(self) -> ProcessId | None:
        if self.child:
            self.child.poll()
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return ProcessId.of(pid) if works_in(pid, self.data) else None

    def start(self) -> None:
        if self.process():
            self._wait_until_it_answers()
            return
        if not self.data.exists():
            self._create()
        self._configure()
        # Left by a crash: the number in them may belong to another process by now, and PostgreSQL would refuse to
        # start. Should a backend of the crashed server still live, PostgreSQL finds its shared memory and refuses.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        self.child = start(
            Program(
                [str(self.programs / "postgres"), "-D", str(self.data)],
                environment=_without_postgres_variables(),
                folder=self.data,
                log=self.log,
                user=self.user,
                death_signal=signal.SIGQUIT if self.throwaway else None,
            )
        )
        self._wait_until_it_answers()
        if not self.throwaway:
            self._make_database()

    def stop(self) -> None:
        for number, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 10)):
            process = self.process()
            if process is None:
                return
            process.send(number)
            wait_until_gone([process], seconds)
        self.process()

    def _create(self) -> None:
        making = self.folder / "data.making"
        if making.exists():
            shutil.rmtree(making)
        self._run(
            "initdb",
            *("-D", str(making), "-U", "geoservice" if self.throwaway else "postgres"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--auth=reject", "--no-instructions"),
            "--no-sync" if self.throwaway else "--data-checksums",
        )
        if self.throwaway:
            access, names = "local all all trust\n", ""
        else:
            access = "local all geoservice peer map=house\nlocal all postgres peer map=house\n"
            # Peer: the kernel says who asks. As root only `postgres` is superuser, the application is not.
            ourselves = _name_of(os.geteuid())
            names = f'house "{ourselves}" geoservice\nhouse "{self.user or ourselves}" postgres\n'
        write_private(making / "pg_hba.conf", access, self.user)
        write_private(making / "pg_ident.conf", names, self.user)
        with (making / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude 'geoservice.conf'  # written at every start; yours go below\n")
        making.rename(self.data)

    def _configure(self) -> None:
        memory = _memory_mb()
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.sockets}'",
            "unix_socket_permissions": "0700",
            "shared_buffers": f"{max(64, min(512, memory // 8))}MB",
            "work_mem": f"{32 if memory > 2000 else 8}MB",
            "max_connections": "200" if self.throwaway else "100",
            "jit": "off",
            "random_page_cost": "1.1",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "lc_messages": "'C'",
            # What a phone or a person was told is saved must survive a crash.
            "synchronous_commit": "off" if self.throwaway else "on",
            "fsync": "off" if self.throwaway else "on",
            "full_page_writes": "off" if self.throwaway else "on",
        }
        lines = [f"{name} = {value}\n" for name, value in settings.items()]
        write_private(self.data / "geoservice.conf", "".join(lines), self.user)

    def _wait_until_it_answers(self) -> None:
        ready = [str(self.programs / "pg_isready"), "--quiet", "-h", str(self.sockets), "-d", "postgres"]
        deadline = time.monotonic() + 300
        while subprocess.run(ready, env=_without_postgres_variables()).returncode != 0:
            ended = self.child is not None and self.child.poll() is not None
            if ended or time.monotonic() > deadline:
                raise SetupError(
                    f"The private PostgreSQL in {self.folder} does not start.",
                    "the log tells why; a full disk and changed rights are the usual reasons.",
                    self.log,
                )
            time.sleep(0.05)

    def _make_database(self) -> None:
        """The application's role owns its database and is no superuser: row-level security binds it."""
        statements = """
            SET client_min_messages = warning;
            SELECT 'CREATE ROLE geoservice LOGIN'
            WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'geoservice') \\gexec
            SELECT 'CREATE DATABASE geoservice OWNER geoservice'
            WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'geoservice') \\gexec
            \\connect geoservice
            SET client_min_messages = warning;
            REVOKE ALL ON DATABASE geoservice FROM PUBLIC;
            CREATE EXTENSION IF NOT EXISTS postgis;
            CREATE EXTENSION IF NOT EXISTS btree_gist;
        """
        server = f"host={self.sockets} user=postgres dbname=postgres"
        self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server, statements=statements)

    def _run(self, program: str, *arguments: str, statements: str = "") -> None:
        with self.log.open("ab") as log:
            done = subprocess.run(
                [str(self.programs / program), *arguments],
                input=statements.encode(),
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_without_postgres_variables(),
                cwd="/",
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
            )
        if done.returncode != 0:
            raise SetupError(
                f"{program} failed for the private PostgreSQL in {self.folder}.",
                "the log tells why.",
                self.log,
            )


# Redis


@dataclass
class Redis:
    """A Redis of our own in `folder`, with a password. It only wakes workers: PostgreSQL holds the truth."""

    folder: Path
    log: Path
    throwaway: bool = False
    child: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        _make_folder(self.folder, None)
        self.socket = _socket_folder(self.folder / "s", "redis", None) / "redis.sock"
        self.password = secret(self.folder / "password")

    def url(self) -> str:
        return f"unix://:{quote(self.password)}@{quote(str(self.socket))}?db=0"

    def process(self) -> ProcessId | None:
        if self.child:
            self.child.poll()
        try:
            pid = int((self.folder / "redis.pid").read_text())
        except (OSError, ValueError):
            return None
        return ProcessId.of(pid) if works_in(pid, self.folder) else None

    def start(self) -> None:
        if not self.process():
            program = shutil.which("redis-server")
            if program is None:
                raise SetupError("Redis is not installed.", "apt-get install redis-server")
            self._configure()
            self.child = start(
                Program(
                    [program, "redis.conf"],
                    folder=self.folder,
                    log=self.log,
                    death_signal=signal.SIGTERM if self.throwaway else None,
                )
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        for number, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
            process = self.process()
            if process is None:
                return
            process.send(number)
            wait_until_gone([process], seconds)
        self.process()

    def _configure(self) -> None:
        write_private(
            self.folder / "redis.conf",
            f'port 0\nunixsocket "{self.socket}"\nunixsocketperm 700\nrequirepass {self.password}\n'
            "dir .\npidfile redis.pid\ndaemonize no\nmaxmemory-policy noeviction\nappendonly no\n"
            # A snapshot at the stop keeps what waited; a full disk must not stop workers from being woken.
            + ('save ""\n' if self.throwaway else "save 900 1\nstop-writes-on-bgsave-error no\n"),
        )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while not self._answers():
            ended = self.child is not None and self.child.poll() is not None
            if ended or time.monotonic() > deadline:
                raise SetupError(
                    f"The private Redis in {self.folder} does not start.", "the log tells why.", self.log
                )
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            answer = b""
            while b"PONG" not in answer and b"-" not in answer[:1]:
                more = connection.recv(100)
                answer += more
                if not more:
                    break
            return b"PONG" in answer
        return False


# Sharing them


def lock(name: str, how: int) -> IO[str] | None:
    """Lock a file of var/run until it is closed, or we die; None when `how` says not to wait and it is taken."""
    file = (_RUN / name).open("a+")
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        file.close()
        return None
    return file


class PrivateServices:
    """Those of PostgreSQL and Redis that no DATABASE_URL or REDIS_URL replaces, and the environment they make."""

    def __init__(self) -> None:
        for needed in (_RUN, VAR / "log"):
            needed.mkdir(parents=True, exist_ok=True)
        self.folder = VAR / "services"
        own_postgres, own_redis = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
        if own_postgres or own_redis:
            self.folder = _services_folder()
        self.redis = Redis(self.folder / "redis", VAR / "log/redis.log") if own_redis else None
        self.postgres = (
            PostgreSQL(self.folder / "postgres", VAR / "log/postgres.log") if own_postgres else None
        )

    def start_missing(self) -> None:
        with lock("start.lock", fcntl.LOCK_EX) or nullcontext():
            for service in (self.postgres, self.redis):
                if service:
                    service.start()

    def are_up(self) -> bool:
        return all(service is None or service.process() for service in (self.postgres, self.redis))

    def stop(self) -> None:
        for service in (self.redis, self.postgres):
            if service:
                service.stop()

    def environment(self) -> dict[str, str]:
        environment = _without_postgres_variables() if self.postgres else dict(os.environ)
        if self.postgres:
            environment["DATABASE_URL"] = self.postgres.url("geoservice")
        if self.redis:
            environment["REDIS_URL"] = self.redis.url()
        if not environment.get("SECRET_KEY"):
            environment["SECRET_KEY"] = secret(VAR / "secret_key")
        environment.setdefault("DEMO_MODE", "1")
        environment["VAR_DIR"] = str(VAR)
        environment["PYTHONPATH"] = str(ROOT)
        return environment


@contextmanager
def private_services(
    stopping: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> Iterator[PrivateServices]:
    """The private services, up; the last to leave stops them, and says so by `stopping`."""
    using = lock("use.lock", fcntl.LOCK_SH)
    if using is None:
        raise AssertionError("a lock that waits is always got")
    try:
        services = PrivateServices()
        try:
            services.start_missing()
            yield services
        finally:
            try:
                fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with stopping("Leaving Redis and PostgreSQL up for a command that still runs"):
                    pass
            else:
                with stopping("Stopping Redis and PostgreSQL"):
                    services.stop()
    finally:
        using.close()


def app_command(*arguments: str) -> list[str]:
    """`python -m geoservice …`; -P: the folder it is called from is no place to import from."""
    return [sys.executable, "-P", "-m", "geoservice", *arguments]


def ask_app(services: PrivateServices, remedy: str, *arguments: str) -> str:
    """Run a command of the application; its standard output."""
    log = VAR / f"log/{'-'.join(word for word in arguments if not word.startswith('-'))}.log"
    status, answer = answer_of(Program(app_command(*arguments), services.environment(), ROOT, log))
    if status != 0:
        raise SetupError(f"`geoservice {' '.join(arguments)}` failed (exit status {status}).", remedy, log)
    return answer


def migrate(services: PrivateServices) -> None:
    """Bring the database up to date; the private one also remembers for which migrations."""
    with lock("start.lock", fcntl.LOCK_EX) or nullcontext():
        ask_app(
            services, "the log tells why; what was in the database before is still there.", "db", "upgrade"
        )
    if services.postgres:
        write_private(VAR / "services/migrated", _migrations())


def is_migrated() -> bool:
    """Whether the private database has every migration of this checkout."""
    stamp = VAR / "services/migrated"
    return stamp.exists() and stamp.read_text() == _migrations()


def _migrations() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "migrations/versions").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def use(command: list[str]) -> int:
    """Run a command with the private services up."""
    with private_services() as services:
        if services.postgres and not is_migrated():
            migrate(services)
        program = Program(command, environment=services.environment(), own_session=False)
        return wait_passing_signals_on(start(program))


# Throw-away services for the tests


def throwaway(command: list[str]) -> int:
    """Run a command with a PostgreSQL and a Redis of its own, which leave nothing behind."""
    with ExitStack() as cleanup:
        folder = _throwaway_folder(cleanup)
        services = (
            PostgreSQL(folder / "postgres", folder / "postgres.log", throwaway=True),
            Redis(folder / "redis", folder / "redis.log", throwaway=True),
        )
        for service in services:
            cleanup.callback(service.stop)
            service.start()
        postgres, redis = services
        environment = {
            **_without_postgres_variables(),
            "TEST_DATABASE_URL": postgres.url("postgres"),
            "TEST_REDIS_URL": redis.url(),
        }
        return wait_passing_signals_on(
            start(Program(command, environment=environment, own_session=False, death_signal=signal.SIGTERM))
        )


def _throwaway_folder(cleanup: ExitStack) -> Path:
    """A new folder in /tmp, removed at the end; those of test runs that were killed are removed now."""
    prefix = f"geoservice-test-{os.geteuid()}-"
    for old in Path("/tmp").glob(prefix + "*"):
        with suppress(OSError), (old / "lock").open() as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o711)  # `postgres` passes through to its own folder inside
    held = (folder / "lock.new").open("w")
    cleanup.callback(held.close)
    fcntl.flock(held, fcntl.LOCK_EX)
    (folder / "lock.new").rename(folder / "lock")
    return folder


def stop_on_signals() -> None:
    """Let TERM and HUP unwind the program as Ctrl-C does, so that whatever was started is stopped."""

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup's wish to outlive the terminal is respected
        numbers.append(signal.SIGHUP)

    def unwind(number: int, _frame: object) -> NoReturn:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)  # once is enough: the stopping itself is not to be cut short
        raise SystemExit(128 + number)

    for number in numbers:
        signal.signal(number, unwind)


def main() -> int:
    """Command line."""
    what, _, *command = sys.argv[1:]
    stop_on_signals()
    try:
        return {"use": use, "throwaway": throwaway}[what](command)
    except SetupError as failure:
        say(f"\n{failure}", to=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
