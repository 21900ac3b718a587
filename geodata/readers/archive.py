"""Zip files: their members read one by one, without trusting their names or sizes."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from geodata.readers.raw import RawLayer, SourceError
from geodata.report import Problem

READABLE = {
    *(".shp", ".geojson", ".json", ".gpkg", ".parquet", ".geoparquet", ".csv", ".txt"),
    *(".xlsx", ".osm", ".pbf"),
}
_WITH_SHAPEFILE = {".shp", ".shx", ".dbf", ".prj", ".cpg"}
MAX_BYTES = 4 * 1024**3
"""A zip that unpacks to more is refused."""


def read_zip(
    path: Path, *, file: str, read: Callable[[Path, str], list[RawLayer]]
) -> list[RawLayer]:
    """Read every readable member of a zip file.

    Args:
        path: The zip file.
        file: Its name for people.
        read: Reader of one unpacked file, given the name to show.

    Raises:
        SourceError: Damaged, locked, unsafe, too large, or nothing in it can be read.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            members = _list_members(archive, file)
            return _read_members(archive, members, Path(folder), file, read)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError) as error:
        raise SourceError(
            f"{file} cannot be unpacked ({error}): it may be cut off. Fetch or pack it again."
        ) from error


def _list_members(
    archive: zipfile.ZipFile, file: str
) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    members = []
    for info in archive.infolist():
        name = PurePosixPath(_name_of(info).replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or any(":" in part for part in name.parts):
            raise SourceError(
                f"{file} holds {_name_of(info)!r}, a path that leads out of the archive: refused. "
                "Pack the files again, without folders above them."
            )
        hidden = name.name.startswith(".") or "__MACOSX" in name.parts
        if info.is_dir() or hidden:
            continue
        if info.flag_bits & 0x1:
            raise SourceError(f"{file} is locked with a password. Pack it again without one.")
        members.append((info, name))
    if sum(info.file_size for info, _ in members) > MAX_BYTES:
        raise SourceError(f"{file} unpacks to more than {MAX_BYTES // 1024**3} GB: refused.")
    return members


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return a member's name; those not marked UTF-8 are GB18030 if they can be."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _read_members(
    archive: zipfile.ZipFile,
    members: list[tuple[zipfile.ZipInfo, PurePosixPath]],
    folder: Path,
    file: str,
    read: Callable[[Path, str], list[RawLayer]],
) -> list[RawLayer]:
    wanted = [(info, name) for info, name in members if name.suffix.lower() in READABLE]
    if not wanted:
        found = ", ".join(str(name) for _, name in members[:8]) or "nothing"
        raise SourceError(
            f"{file} holds no file that can be read (found: {found}). A zipped Shapefile needs "
            ".shp, .shx, .dbf and .prj in it."
        )
    raws: list[RawLayer] = []
    for number, (info, name) in enumerate(wanted):
        # one plain folder per member: names from the archive never become paths
        place = folder / str(number)
        place.mkdir()
        stem = _plain(name.stem)
        target = _unpack(archive, info, place / f"{stem}{name.suffix.lower()}")
        if name.suffix.lower() == ".shp":
            for other, other_name in members:
                suffix = other_name.suffix.lower()
                beside = other_name.parent == name.parent and other_name.stem == name.stem
                if beside and suffix in _WITH_SHAPEFILE and suffix != ".shp":
                    _unpack(archive, other, place / f"{stem}{suffix}")
        shown = f"{file}/{name.name}" if len(wanted) > 1 else file
        found_here = read(target, shown)
        for raw in found_here:
            if raw.name == Path(shown).stem:
                raw.name = name.stem
            raw.single = raw.single and len(wanted) == 1
        raws += found_here
    used = {name.stem for _, name in wanted}
    others = [str(n) for _, n in members if n.stem not in used and n.suffix.lower() not in READABLE]
    if others and raws:
        text = f"{file}: not used: {', '.join(others[:20])}"
        raws[0].problems.append(Problem("warning", text, count=len(others)))
    return raws


def _plain(stem: str) -> str:
    return "".join(c for c in stem if c.isalnum() or c in "_- ")[:80] or "member"


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> Path:
    with archive.open(info) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)
    return target
