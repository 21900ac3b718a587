"""The visitors' world in a process of its own: started, watched, started again, and told nothing.

It is given a listening socket, a folder and a few words of the environment. It gets no database's
address, no key, no token and no community's path, so that nothing in it leads to anything real.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from dashboard.settings import PREFIX, Settings
from geodata.errors import TwinError

HOST = "visitors"
FOLDER = "visitors"
"""The visitors' own folder, within `TWIN_VAR`."""
PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "TWIN_LOG_FORMAT")
"""What of the environment the process may know; everything else is withheld."""
BACKLOG = 128
PATIENCE_S = 900.0
"""A world that does not answer within this time is started anew, seconds."""
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
END_S = 5.0

log = logging.getLogger(__name__)


def withheld_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of the visitors' process.

    Args:
        settings: Of the server; only what is no secret and no path of the real world is passed.
        environ: The server's environment.
    """
    folder = str(visitors_folder(settings))
    return {
        **{name: environ[name] for name in PASSED if name in environ},
        "HOME": folder,
        "NUMBA_CACHE_DIR": str(Path(folder) / "cache" / "numba"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(Path(folder) / "tmp"),
        PREFIX + "VAR": folder,
        PREFIX + "SEED": str(settings.seed),
        PREFIX + "LANGUAGE": settings.language,
        PREFIX + "LOG_LEVEL": settings.log_level,
    }


def visitors_folder(settings: Settings) -> Path:
    """Return where the visitors' world keeps its things."""
    return (settings.var / FOLDER).resolve()


class VisitorsProcess:
    """Keeps one process running and knows whether it answers.

    Args:
        settings: Of the server.
        command: What to run; the number of the listening socket is added to it.
        environ: The server's environment.
    """

    def __init__(
        self, settings: Settings, command: Sequence[str], environ: Mapping[str, str]
    ) -> None:
        self.ready = False
        self.starts = 0
        self._settings = settings
        self._command = [sys.executable, *command]
        self._environ = dict(environ)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._folder: Path | None = None
        self._task: asyncio.Task[None] | None = None
        self.client: httpx.AsyncClient | None = None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Begin; returns at once, the process comes up by itself."""
        # a socket in a folder that nobody else may enter; the process gets it open, not its path
        self._folder = Path(tempfile.mkdtemp(prefix="twin-"))
        path = str(self._folder / "visitors.sock")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(path)
        self._socket.listen(BACKLOG)
        self.client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                uds=path, limits=httpx.Limits(max_connections=None, max_keepalive_connections=20)
            ),
            timeout=httpx.Timeout(10.0, read=None, pool=5.0),
            follow_redirects=False,
            trust_env=False,
        )
        self._task = asyncio.create_task(self._keep_running(), name="visitors")

    async def stop(self) -> None:
        """End the process and wait for it."""
        self.ready = False
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self._end)
        if self.client is not None:
            await self.client.aclose()
        if self._socket is not None:
            self._socket.close()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _keep_running(self) -> None:
        failures = 0
        while True:
            try:
                await asyncio.to_thread(self._spawn)
                if await self._wait_until_ready():
                    failures = 0
                    log.info("the visitors' world answers (process %s)", self.pid)
                    await self._watch()
            except (OSError, TwinError, LookupError) as error:
                log.error("the visitors' world cannot be started: %s", error)
            self.ready = False
            await asyncio.to_thread(self._end)
            pause = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            failures += 1
            log.warning("the visitors' world is not there; it is started again in %g s", pause)
            await asyncio.sleep(pause)

    def _spawn(self) -> None:
        folder = visitors_folder(self._settings)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "tmp").mkdir(exist_ok=True, mode=0o700)
        rights: dict[str, object] = {}
        name = self._settings.visitors_user
        if name:
            rights = _give_to(folder, name)
        if self._socket is None:
            raise OSError("there is no socket")
        number = self._socket.fileno()
        self._process = subprocess.Popen(
            [*self._command, "--socket", str(number)],
            cwd=folder,
            env=withheld_environment(self._settings, self._environ),
            stdin=subprocess.PIPE,  # ends when the server does, however that happens
            pass_fds=(number,),
            close_fds=True,
            start_new_session=True,
            umask=0o077,
            **rights,  # type: ignore[call-overload]
        )
        self.starts += 1

    async def _wait_until_ready(self) -> bool:
        until = asyncio.get_running_loop().time() + PATIENCE_S
        while asyncio.get_running_loop().time() < until and self._is_alive():
            try:
                if self.client is not None:
                    answer = await self.client.get(f"http://{HOST}/healthz", timeout=2.0)
                    self.ready = answer.status_code == 200
            except httpx.HTTPError:
                self.ready = False
            if self.ready:
                return True
            await asyncio.sleep(0.3)
        return False

    async def _watch(self) -> None:
        """Return when the process has ended."""
        process = self._process
        if process is not None:
            while process.poll() is None:
                await asyncio.sleep(0.5)

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _give_to(folder: Path, name: str) -> dict[str, object]:
    """Hand the visitors' folder to an account and return how to start a process as it."""
    import pwd

    try:
        account = pwd.getpwnam(name)
    except KeyError:
        raise TwinError(
            f"TWIN_VISITORS_USER is {name!r}; there is no such account on this machine."
        ) from None
    if os.geteuid() != 0:
        raise TwinError(
            "TWIN_VISITORS_USER needs a server that root starts; run it as root or leave it empty."
        )
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
