"""Programs that tests need from the system: found, or installed where we are root on a Debian."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path


def find_or_install(find: Callable[[], Path | None], package: str) -> Path | None:
    """Return what `find` finds, after installing a package where it finds nothing."""
    found = find()
    if found is not None or os.getuid() != 0 or shutil.which("apt-get") is None:
        return found
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with (Path(tempfile.gettempdir()) / "twin-tests-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the halves of the suite run at the same time
        found = find()
        if found is not None:
            return found
        for command in (["update", "-q"], ["install", "-qy", package]):
            subprocess.run(
                ["apt-get", *command], env=environ, capture_output=True, check=False, timeout=250
            )
    return find()
