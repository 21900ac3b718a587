"""The command `coverage`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

_RADII = "300,500,1000"


def register(subparsers: Any) -> None:
    """Add `coverage` to the subparsers of an `argparse.ArgumentParser`."""
    command = subparsers.add_parser(
        "coverage", help="who can walk to a service: shares of buildings within distances"
    )
    command.add_argument("file", type=Path, metavar="FILE.gpkg")
    command.add_argument("--service", required=True, metavar="KIND", help="such as pharmacy")
    command.add_argument("--radius", default=_RADII, metavar="M,M,...", help="walked metres")
    command.add_argument("--profile", default="adult", help="who walks; see the rule file")
    command.add_argument("--rules", type=Path, metavar="FILE.json", help="a rule file of your own")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    # what compiles and measures is loaded only when asked for: other commands start without it
    from geodata.community import load_community
    from geodata.coverage.rules import DEFAULT, load_rules
    from geodata.coverage.shares import CoverageError, measure_coverage

    try:
        radii = [float(part) for part in args.radius.split(",")]
    except ValueError as error:
        raise CoverageError(f"--radius {args.radius}: give metres such as {_RADII}.") from error
    rules = load_rules(args.rules or DEFAULT)
    community = load_community(args.file)
    found = measure_coverage(community, args.service, radii, rules=rules, profile=args.profile)
    text = json.dumps(found, ensure_ascii=False) + "\n" if args.json else to_words(found)
    sys.stdout.write(text)
    return 0


def to_words(found: dict[str, Any]) -> str:
    """Return the result as lines for people."""
    network = found["network"]
    lines = [
        f"{found['service']} on foot ({found['profile']}), all gates open, opening hours aside",
        f"Buildings {found['buildings']}, services {found['services']}, "
        f"not reached at all {found['unreachable']}",
        f"Network: {network['km']:.1f} km, {network['nodes']} nodes, {network['edges']} edges, "
        f"{network['components']} components",
    ]
    if not network["edges"]:
        lines.append("There is no road in this file: nobody can be said to walk anywhere.")
    if not found["services"]:
        lines.append("There is no such service in this file.")
    lines.append(f"{'within':>10}{'walked':>10}{'straight':>10}")
    for radius, share in found["share_network"].items():
        lines.append(f"{radius + ' m':>10}{share:>10.1%}{found['share_straight'][radius]:>10.1%}")
    if found["median_m"] is not None:
        lines.append(f"Half of the buildings reached walk {found['median_m']:.0f} m or less.")
    return "\n".join(lines) + "\n"
