"""Composition root and command line: wires the rooms together and nothing else."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from dataclasses import replace
from pathlib import Path


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    # what a start loads and makes stays: looking for garbage in it takes a quarter of its time
    gc.disable()
    import dashboard.cli
    import geodata.cli
    from geodata.errors import TwinError

    parser = argparse.ArgumentParser(prog="app.py", description=__doc__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    demo = commands.add_parser("demo", help="the sample community with a simulator")
    serve = commands.add_parser("serve", help="a community's own file")
    serve.add_argument("--community", type=Path, required=True, metavar="FILE.gpkg")
    serve.add_argument("--simulate", action="store_true", help="simulate its devices")
    for command, run in ((demo, run_demo), (serve, run_serve)):
        command.add_argument("--host", default=None)
        command.add_argument("--port", type=int, default=None)
        command.add_argument("--seed", type=int, default=None, help="seed of the simulator")
        command.add_argument("--database", default=None, metavar="URL")
        command.set_defaults(run=run)
    visitors = commands.add_parser(
        "visitors", help="the visitors' world alone; serve starts it by itself"
    )
    visitors.add_argument("--socket", type=int, default=None, metavar="FD", help="listen on this")
    visitors.set_defaults(run=run_visitors, host=None, port=None, seed=None, database="")
    geodata.cli.register(commands)
    dashboard.cli.register(commands)
    arguments = parser.parse_args(argv)
    if getattr(arguments, "run", None) not in (run_demo, run_serve, run_visitors):
        gc.enable()
    if not hasattr(arguments, "run"):
        parser.print_help()
        return 0
    try:
        return int(arguments.run(arguments))
    except TwinError as error:
        print(error, file=sys.stderr)
        return 2


def run_demo(arguments: argparse.Namespace) -> int:
    """Serve the sample community: all three doors open, everything simulated."""
    from dashboard.compose import open_demo, sample_path

    settings = _settings(arguments)
    print("Building the sample community ..." if not settings.var.exists() else "Starting ...")
    sample_path(settings)
    world = open_demo(settings)
    return _serve(settings, world, world)


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve a community's own file; the visitors see a simulated world apart."""
    from dashboard.compose import open_real

    settings = _settings(arguments)
    print("Starting ...")
    world = open_real(settings, arguments.community, simulate=arguments.simulate)
    if settings.visitors == "off":
        return _serve(settings, world, None, None)
    from dashboard.story.process import VisitorsProcess

    visitors = VisitorsProcess(settings, [str(Path(__file__).resolve()), "visitors"], os.environ)
    return _serve(settings, world, None, visitors)


def run_visitors(arguments: argparse.Namespace) -> int:
    """Serve the visitors' world on a socket that `serve` opened, or on loopback to look at."""
    from dashboard.story.confine import confine

    settings = _settings(arguments)
    if not confine(settings.var.resolve()):
        print("this kernel has no Landlock: files are kept apart by their rights alone")

    from callbacks import detail, history
    from dashboard.compose import open_visitors
    from dashboard.story.alone import run_alone

    world = open_visitors(settings)
    _settle()
    return run_alone(settings, world, [detail.register, history.register], arguments.socket)


def _settle() -> None:
    """Collect garbage from now on, and never look again at what the start has made."""
    gc.freeze()
    gc.enable()


def _settings(arguments: argparse.Namespace):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from dashboard.logs import read_format, set_up_logs
    from dashboard.settings import Settings

    settings = Settings.from_env(os.environ)
    given = {
        name: getattr(arguments, name)
        for name in ("host", "port", "seed", "database")
        if getattr(arguments, name) is not None
    }
    settings = replace(settings, **given)
    set_up_logs(settings.log_level, read_format(os.environ))
    return settings


def _callbacks():  # type: ignore[no-untyped-def]  # noqa: ANN202
    from callbacks import REGISTER

    return REGISTER


def _serve(settings, main_world, visitors, process=None) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    import uvicorn

    from dashboard.doors import DoorOptions
    from dashboard.doors.patience import PatientProtocol
    from dashboard.server import Worlds, create_server

    options = DoorOptions.from_env(os.environ)
    server = create_server(
        settings, Worlds(main_world, visitors), _callbacks, options, process, then=_settle
    )
    base = f"http://{settings.host}:{settings.port}"
    print(f"  wall      {base}/wall")
    print(f"  managers  {base}/manage", flush=True)
    if settings.visitors == "on":
        print(f"  demo      {base}/demo", flush=True)
    if code := server.state.front.make_code():
        print("  No account is there yet. Make the first administrator, once, at")
        print(f"            {base}/login/setup?code={code}", flush=True)
    uvicorn.run(
        server,
        host=settings.host,
        port=settings.port,
        http=PatientProtocol,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
