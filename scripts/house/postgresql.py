"""The private PostgreSQL with PostGIS: made once, started, asked whether it answers, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from scripts.house.folders import make_folder, name_of, postgres_user, socket_folder, write_private
from scripts.house.processes import ProcessId, Program, start, wait_until_gone, works_in
from scripts.house.telling import SetupError


@dataclass
class PostgreSQL:
    """A cluster of our own in `folder`: data and, if its path is short enough, the socket."""

    folder: Path
    log: Path
    throwaway: bool = False
    child: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.user = postgres_user()
        make_folder(self.folder, self.user)
        self.data = self.folder / "data"
        self.sockets = socket_folder(self.folder / "s", "postgres", self.user)
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
                environment=without_postgres_variables(),
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
            ourselves = name_of(os.geteuid())
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
        while subprocess.run(ready, env=without_postgres_variables()).returncode != 0:
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
            -- Comparing boxes tells nothing of what they hold; unless PostgreSQL knows, no index of places serves under
            -- row-level security.
            ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;
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
                env=without_postgres_variables(),
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


def without_postgres_variables() -> dict[str, str]:
    """Our environment less PGHOST, PGPORT …: they would lead the private cluster's clients to another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _memory_mb() -> int:
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError, ValueError):
        sizes.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(sizes) // 1024**2
