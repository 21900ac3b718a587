"""Takes from a process, for good, every file but the program and a folder of its own.

Landlock (Linux 5.13 and later) needs no rights to give rights up: whatever a hole in the visitors'
process would let somebody run, the kernel opens no database, no community and no key to it.
Interface: include/uapi/linux/landlock.h.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE, ADD, RESTRICT = 444, 445, 446
NO_NEW_PRIVILEGES = 38
VERSION = 1
BENEATH = 1
EXECUTE, WRITE, READ, LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE = 1 << 14
LOOK = EXECUTE | READ | LIST
OF_FILES = EXECUTE | WRITE | READ | TRUNCATE
BITS = {1: 13, 2: 14}
"""How many rights a version of the interface knows; later ones know 15 that we use."""
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/opt", "/sys/devices/system/cpu")
ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("assets", "callbacks", "dashboard", "geodata", "layers", "live", ".venv", "app.py")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def confine(folder: Path) -> bool:
    """Leave this process its program to read and one folder to work in; call it before any thread.

    Args:
        folder: The folder; it is made if it is not there.

    Returns:
        Whether this kernel can do so; where it cannot nothing has changed.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION))
    if version < 1:
        return False
    handled = (1 << BITS.get(version, 15)) - 1
    attribute = ctypes.c_uint64(handled)
    rules = libc.syscall(
        CREATE, ctypes.byref(attribute), ctypes.c_size_t(ctypes.sizeof(attribute)), 0
    )
    if rules < 0:
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _allow(libc, rules, [folder], handled)
        _allow(libc, rules, map(Path, DEVICES), (READ | WRITE) & handled)
        _allow(libc, rules, _readable(), LOOK)
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.syscall(RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _readable() -> list[Path]:
    """Return what the program is made of: Python, its packages, our rooms, the system's files."""
    found = [Path(text) for text in (*SYSTEM, sys.prefix, sys.base_prefix)]
    found += [ROOT / room for room in ROOMS]
    found += [Path(text) for text in sys.path if "site-packages" in text]
    return [path.resolve() for path in found]


def _allow(libc: ctypes.CDLL, rules: int, paths: Iterable[Path], rights: int) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            number = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                wanted = rights if path.is_dir() else rights & OF_FILES
                beneath = _Beneath(wanted, number)
                libc.syscall(ADD, rules, BENEATH, ctypes.byref(beneath), 0)
            finally:
                os.close(number)
