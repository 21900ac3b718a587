"""The commands `import`, `check` and `coverage`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from geodata.coverage import cli as coverage_cli
from geodata.report import Problem, Report
from geodata.schema import LAYERS

_SHOWN = 40
"""Problems shown to a person; `--json` gives all."""


def register(subparsers: Any) -> None:
    """Add `import`, `check` and `coverage` to the subparsers of an `ArgumentParser`."""
    command = subparsers.add_parser(
        "import",
        help="make a community file from GeoPackage, GeoJSON, Shapefile, OSM, CityJSON, CSV, ...",
    )
    command.add_argument("sources", nargs="+", type=Path, metavar="SOURCE")
    command.add_argument("--out", type=Path, metavar="FILE.gpkg", help="file to write")
    command.add_argument(
        "--crs", metavar="CODE", help="EPSG code, gcj02 or bd09; overrides what the sources declare"
    )
    command.add_argument("--name", help="name of the community; default the file's")
    command.add_argument(
        "--layer",
        choices=sorted(LAYERS),
        metavar="LAYER",
        help="what all rows are, where the sources do not tell",
    )
    command.add_argument("--dry-run", action="store_true", help="report only, write nothing")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=_run_import_args)
    command = subparsers.add_parser("check", help="validate a community file")
    command.add_argument("file", type=Path, metavar="FILE.gpkg")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=lambda args: run_check(args.file, as_json=args.json))
    coverage_cli.register(subparsers)


def _run_import_args(args: argparse.Namespace) -> int:
    return run_import(
        args.sources,
        out=args.out,
        crs=args.crs,
        name=args.name,
        layer=args.layer,
        dry_run=args.dry_run,
        as_json=args.json,
    )


def run_import(
    sources: list[Path],
    *,
    out: Path | None,
    crs: str | None = None,
    name: str | None = None,
    layer: str | None = None,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """Import and print the report; return 0 if done, 2 if refused."""
    if out is None and not dry_run:
        report = _refusal(name, "Say where to write: --out FILE.gpkg, or --dry-run to only look.")
        refused = True
    elif out is not None and out.suffix.lower() != ".gpkg":
        report = _refusal(name, f"--out {out.name}: a community file ends in .gpkg.")
        refused = True
    else:
        from geodata.importer import import_sources  # its readers are slow to load

        result = import_sources(sources, out=out, crs=crs, name=name, layer=layer, dry_run=dry_run)
        report, refused = result.report, result.refused
    done = "Looked only, nothing written" if dry_run else f"Wrote {out.name if out else ''}"
    done = "Refused, nothing written" if refused else done
    _print(report, done=done, as_json=as_json)
    return 2 if refused else 0


def run_check(path: Path, *, as_json: bool = False) -> int:
    """Check a community file and print what was found; return 0 if it is good, 2 if not."""
    from geodata.check import check_file  # as above

    report = check_file(path)
    bad = any(problem["level"] == "error" for problem in report["problems"])
    done = f"{path.name} is not a good community file" if bad else f"{path.name} is good"
    _print(report, done=done, as_json=as_json)
    return 2 if bad else 0


def _refusal(name: str | None, message: str) -> dict[str, Any]:
    return Report(name=name, problems=[Problem("error", message)]).to_dict()


def _print(report: dict[str, Any], *, done: str, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(to_words(report) + f"{done}.\n")


def to_words(report: dict[str, Any]) -> str:
    """Return a report as lines for people."""
    lines = [f"Community: {report['name'] or 'without a name'}"]
    crs = report["crs"]
    if crs["used"]:
        declared = crs["declared"] or "none"
        lines.append(f"CRS: used {crs['used']} (declared: {declared}; by: {crs['by']})")
    if report["layers"]:
        lines.append(f"{'layer':<16}{'read':>8}{'kept':>8}{'repaired':>10}{'rejected':>10}")
    for layer, count in report["layers"].items():
        lines.append(
            f"{layer:<16}{count['read']:>8}{count['kept']:>8}"
            f"{count['repaired']:>10}{count['rejected']:>10}"
        )
    heights = report["heights"]
    if any(heights.values()):
        lines.append(
            f"Heights: {heights['measured']} measured, {heights['from_storeys']} from storeys, "
            f"{heights['assumed']} assumed"
        )
    problems = report["problems"]
    for problem in problems[:_SHOWN]:
        where = " ".join(
            str(part)
            for part in (
                problem["layer"],
                f"row {problem['row']}" if problem["row"] is not None else None,
                f"column {problem['column']}" if problem["column"] else None,
            )
            if part
        )
        times = f" ({problem['count']} times)" if problem["count"] > 1 else ""
        start = f"{problem['level']}: " + (f"{where}: " if where else "")
        lines.append(start + problem["message"] + times)
    if len(problems) > _SHOWN:
        lines.append(f"... and {len(problems) - _SHOWN} more; --json lists all")
    return "\n".join(lines) + "\n"
