"""Starting, recognising and stopping processes of our own, and no others.

A process id alone proves nothing: ids are used again. So a process is ours when its id *and* its start time are the
recorded ones, or when it works in a folder that only we use.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_LOG_LIMIT = 10 * 1024 * 1024
_OUR_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}


@dataclass(frozen=True)
class Program:
    """What to start: its arguments, and how it is to run."""

    arguments: Sequence[str]
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    log: Path | None = None
    user: str | None = None
    death_signal: signal.Signals | None = None
    """Sent to it when we die, even by kill -9. None: it lives on."""
    own_session: bool = True
    """Out of reach of the terminal's Ctrl-C, so that we choose the order in which things stop."""


@dataclass(frozen=True)
class ProcessId:
    """A process, told apart from a later one with the same number."""

    pid: int
    started: int = field(repr=False)

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """None when there is no such process, or only its unreaped remains."""
        try:
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            return None
        return None if after_name[0] in "ZX" else cls(pid, int(after_name[19]))

    def is_alive(self) -> bool:
        return ProcessId.of(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start a program; with a log, its output is appended there and its input is empty."""
    if program.log:
        rotate(program.log)
    with program.log.open("ab") if program.log else nullcontext() as log:
        return subprocess.Popen(
            program.arguments,
            env=program.environment,
            cwd=program.folder,
            stdin=subprocess.DEVNULL if log else None,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            user=program.user,
            group=program.user,
            extra_groups=[] if program.user else None,
            start_new_session=program.own_session,
            preexec_fn=_prepare_child(program.death_signal),
        )


def answer_of(program: Program) -> tuple[int, str]:
    """Run a program to its end: its exit status and standard output; the rest of what it says goes to its log.

    When we are interrupted it is killed.
    """
    if program.log:
        rotate(program.log)
    with program.log.open("ab") if program.log else nullcontext() as log:
        done = subprocess.run(
            program.arguments,
            env=program.environment,
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    return done.returncode, done.stdout.decode()


def _prepare_child(death_signal: signal.Signals | None) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _OUR_SIGNALS)
        if death_signal:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def works_in(pid: int, folder: Path) -> bool:
    """Whether that process is alive with this as its working folder: how our servers are recognised."""
    try:
        return ProcessId.of(pid) is not None and Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
    except OSError:
        return False


def session_of(leader: int) -> list[ProcessId]:
    """The processes of a session, its leader first: a child that we started and what it started.

    They are found though the leader is dead and they have another parent: gunicorn's processes, which would keep the
    port, or an RQ worker's job, which would run beside its second copy.
    """
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(after_name[3]) == leader and after_name[0] not in "ZX":
                found.append(ProcessId(int(folder.name), int(after_name[19])))
    return sorted(found, key=lambda member: member.started)


def wait_until_gone(processes: Sequence[ProcessId], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(process.is_alive() for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def stop(leaders: Sequence[ProcessId], patience: float) -> None:
    """Ask them to finish, ask again (an RQ worker then drops its job), then end them with what they started.

    Dropping a job loses nothing: every job may run twice by design.
    """
    for seconds in (patience, 3.0):
        for leader in leaders:
            leader.send(signal.SIGTERM)
        if wait_until_gone(leaders, seconds):
            break
    end_sessions(leaders, patience=2.0)


def end_sessions(leaders: Sequence[ProcessId], patience: float) -> None:
    """End whatever is still there of the sessions of these processes, which may be dead themselves."""
    members = [member for leader in leaders for member in session_of(leader.pid)]
    # What they started may need a moment more to notice that it is over.
    if not wait_until_gone([member for member in members if member not in leaders], patience):
        members += [member for leader in leaders for member in session_of(leader.pid)]
    for member in members:
        member.send(signal.SIGKILL)
    wait_until_gone(members, 5.0)


def rotate(log: Path) -> None:
    """Keep one older log. The file is emptied in place: whoever writes to it appends, and goes on."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def last_lines(log: Path, count: int = 15) -> Iterator[str]:
    with suppress(OSError), log.open(errors="replace") as lines:
        log_size = log.stat().st_size
        lines.seek(max(0, log_size - 20_000))
        yield from lines.read().splitlines()[-count:]


def wait_passing_signals_on(child: subprocess.Popen[bytes]) -> int:
    """Wait for a child in the foreground as if it had been called directly; its exit status, as a shell has it.

    Ctrl-C at the terminal reaches the child by itself (the kernel sends it to the whole group); what somebody sent
    to us alone is passed on.
    """
    sent_by_kernel = 0x80
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _OUR_SIGNALS)
    try:
        while child.poll() is None:
            news = signal.sigtimedwait(_OUR_SIGNALS, 0.5)
            if news and news.si_signo != signal.SIGCHLD and news.si_code != sent_by_kernel:
                child.send_signal(news.si_signo)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    code = child.returncode
    return code if code >= 0 else 128 - code


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
