"""Programs that tests need from the system: found, or installed where we are root on a Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path


def find_or_install(find: Callable[[], Path | None], package: str) -> Path | None:
    """Return what `find` finds, after installing a package where it finds nothing."""
    found = find()
    if found is not None or os.getuid() != 0 or shutil.which("apt-get") is None:
        return found
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-qy", package]):
        subprocess.run(
            ["apt-get", *command], env=environ, capture_output=True, check=False, timeout=250
        )
    return find()
