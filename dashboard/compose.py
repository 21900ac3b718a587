"""Builds worlds from settings: the sample with its simulator, or a community's own file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dashboard.settings import Settings
from dashboard.static_layers import StaticLayers
from dashboard.world import World
from geodata.community import Community, load_community
from geodata.sample import write_sample
from layers.scene import Scene
from live.driver import Driver
from live.events import utc_now
from live.simulator import Simulator
from live.store import open_store
from live.twin import Twin


def sample_path(settings: Settings) -> Path:
    """Return the sample community's file, building it if this program has not yet."""
    path = settings.var / "sample" / f"junmen-{_sample_digest()}.gpkg"
    if not path.is_file():
        write_sample(path)
    return path


def _sample_digest() -> str:
    """Return a hash of the script that makes the sample: another script, another sample."""
    import hashlib

    digest = hashlib.blake2b(digest_size=4)
    folder = Path(__file__).parent.parent / "geodata"
    for source in sorted([*folder.glob("sample/*.py"), folder / "schema.py"]):
        digest.update(source.read_bytes())
    return digest.hexdigest()


@dataclass
class LiveWorld(World):
    """A world whose simulator, if any, runs while the server does."""

    driver: Driver | None = field(default=None)

    async def start(self) -> None:
        """Open the twin and let the simulator run."""
        await self.twin.start()
        if self.driver is not None:
            self.driver.start()

    async def stop(self) -> None:
        """Stop both and close the store."""
        if self.driver is not None:
            await self.driver.stop()
        await self.twin.stop()
        self.twin.store.close()


def open_world(
    community: Community, settings: Settings, *, database: str, simulate: bool
) -> LiveWorld:
    """Return a world, its tables built."""
    tables = StaticLayers(Scene(community), settings.var / "cache" / "layers")
    tables.build_all()
    store = open_store(database)
    simulator = Simulator(community, settings.seed) if simulate else None
    inside = vehicles = None
    if simulator is not None:
        midnight = utc_now().astimezone(simulator.zone).replace(hour=0, minute=0, second=0)
        inside = simulator.inside_at(midnight)
        vehicles = simulator.vehicles_inside_at(midnight)
    twin = Twin(community, store, inside=inside, vehicles=vehicles)
    driver = Driver(twin, simulator) if simulator is not None else None
    return LiveWorld(community, twin, tables, simulate, driver)


def open_demo(settings: Settings) -> LiveWorld:
    """Return the sample community with its simulator."""
    settings.var.mkdir(parents=True, exist_ok=True)
    community = load_community(sample_path(settings))
    name = f"demo-{settings.seed}-{community.digest}"
    database = settings.database or f"sqlite:///{settings.var / name}.db"
    return open_world(community, settings, database=database, simulate=True)


def open_visitors(settings: Settings) -> LiveWorld:
    """Return the visitors' world: the sample, simulated, in a store of its own."""
    settings.var.mkdir(parents=True, exist_ok=True)
    community = load_community(sample_path(settings))
    database = f"sqlite:///{settings.var / f'visitors-{community.digest}'}.db"
    return open_world(community, settings, database=database, simulate=True)


def open_real(settings: Settings, file: Path, *, simulate: bool) -> LiveWorld:
    """Return a community's own world."""
    settings.var.mkdir(parents=True, exist_ok=True)
    community = load_community(file)
    database = settings.database or f"sqlite:///{settings.var / file.stem}.db"
    return open_world(community, settings, database=database, simulate=simulate)
