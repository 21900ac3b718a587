"""Builds worlds from settings: the sample with its simulator, or a community's own file."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.settings import Settings
from dashboard.static_layers import StaticLayers
from dashboard.world import World
from geodata.community import Community, load_community
from layers.scene import Scene
from live.events import utc_now
from live.feeds import MQTT, DeviceIndex
from live.feeds.mapping import load_mapping
from live.incidents.rules import Rules
from live.incidents.rules_file import RulesFile
from live.mqtt import Subscriber
from live.mqtt_broker import Broker, read_broker
from live.pseudonym_key import ensure_key
from live.reception import Reception
from live.retention import Keeper, read_policy
from live.store import open_store
from live.twin import Twin
from live.webhooks.sender import Sender, SendOptions
from live.webhooks.target import read_networks

if TYPE_CHECKING:
    from live.driver import Driver
    from live.simulator import Simulator

KEY_FILE = "pseudonym.key"

log = logging.getLogger(__name__)


def sample_path(settings: Settings) -> Path:
    """Return the sample community's file, building it if this program has not yet."""
    path = settings.var / "sample" / f"junmen-{_sample_digest()}.gpkg"
    if not path.is_file():
        from geodata.sample import write_sample

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
    """A world whose simulator, subscriber, keeper and sender, if any, run while the server does."""

    driver: Driver | None = field(default=None)
    keeper: Keeper | None = field(default=None)
    broker: Broker | None = field(default=None)
    sender: Sender | None = field(default=None)
    subscriber: Subscriber | None = field(default=None, init=False)
    _following: asyncio.Task[None] | None = field(default=None, init=False, repr=False)

    @property
    def device_index(self) -> DeviceIndex:
        """What the ids of vendors mean here, as of now."""
        return self._ensure_reception().index

    def _ensure_reception(self) -> Reception:
        if self.reception is None:  # the doors, which make it, are closed
            self.reception = Reception(self.twin, key=self.pseudonym_key)
        return self.reception

    async def start(self) -> None:
        """Open the twin, listen to the broker, let the simulator run."""
        if self.driver is None:
            self._publish()
        else:  # what was missed while the server was down is part of its hours
            self.driver.on_gap_noted = self._publish
        await asyncio.to_thread(self.edits.start)
        await self.twin.start()
        self._following = asyncio.create_task(self.edits.follow())
        if self.broker is not None:
            self.subscriber = Subscriber(self._ensure_reception(), MQTT, self.broker)
            await self.subscriber.start()
        if self.driver is not None:
            self.driver.start()
        if self.keeper is not None:
            self.keeper.start()
        if self.sender is not None:
            await self.sender.start()

    def _publish(self) -> None:
        if self.pseudonym_key:
            self.twin.people = self.people

    async def stop(self) -> None:
        """Stop all of them and close the store."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self.subscriber is not None:
            await self.subscriber.stop()
        if self.driver is not None:
            await self.driver.stop()
        if self.keeper is not None:
            await self.keeper.stop()
        if self.sender is not None:
            await self.sender.stop()
        if "coverage" in self.__dict__:
            await self.coverage.stop()
        await self.twin.stop()
        self.twin.store.close()


def open_world(
    community: Community, settings: Settings, *, database: str, simulate: bool
) -> LiveWorld:
    """Return a world, its tables built. What is edited in it is laid over frames of its own."""
    community = replace(community, frames=dict(community.frames))
    tables = StaticLayers(Scene(community), settings.var / "cache" / "layers")
    tables.build_all()
    policy = read_policy(settings.keep_days)
    store = open_store(database)
    store.kept_an_hour = max(1, settings.quarantine_per_hour)
    simulator = None
    if simulate:
        from live.simulator import Simulator

        simulator = Simulator(community, settings.seed)
    inside = vehicles = None
    if simulator is not None:
        midnight = utc_now().astimezone(simulator.zone).replace(hour=0, minute=0, second=0)
        inside = simulator.inside_at(midnight)
        vehicles = simulator.vehicles_inside_at(midnight)
    rules = open_rules(settings, simulator)
    twin = Twin(community, store, inside=inside, vehicles=vehicles, rules=rules)
    driver = None
    if simulator is not None:
        from live.driver import Driver
        from live.orders.sample import add_sample

        add_sample(community, settings.seed, twin.orders)
        driver = Driver(twin, simulator)
    world = LiveWorld(community, twin, tables, simulate, driver)
    world.keeper = Keeper(store, world.timezone, policy)
    key = settings.pseudonym_key.encode()
    world.pseudonym_key = key or ensure_key(settings.var / KEY_FILE)
    world.visitor_limit = timedelta(minutes=settings.visitor_minutes)
    world.webhook_networks = read_networks(settings.webhook_networks)
    world.sender = Sender(
        store,
        SendOptions(
            allowed=world.webhook_networks,
            timeout_s=max(1, settings.webhook_timeout_s),
            attempts=max(1, settings.webhook_attempts),
            grids=frozenset(str(key) for key in community["grids"]["id"]),
            simulated=simulate,
        ),
        twin.clock,
    )
    return world


def open_rules(settings: Settings, simulator: Simulator | None) -> RulesFile:
    """Return the rules of incidents; a simulated world adds its own plate and its own meters."""

    def change(rules: Rules) -> Rules:
        if simulator is None:
            return rules
        listed = rules.with_plates(simulator.watched_plates)
        return listed.with_subjects("no_flow", simulator.agreed_meters)

    path = Path(settings.incident_rules) if settings.incident_rules else None
    return RulesFile(path, change)


def find_database(settings: Settings, community: Path | None) -> str:
    """Return the database that `serve` (with a community's file) or `demo` (without) uses."""
    if settings.database:
        return settings.database
    if community is not None:
        return f"sqlite:///{settings.var / community.stem}.db"
    return _demo_database(settings, load_community(sample_path(settings)))


def _demo_database(settings: Settings, sample: Community) -> str:
    if settings.database:
        return settings.database
    return f"sqlite:///{settings.var / f'demo-{settings.seed}-{sample.digest}'}.db"


def open_demo(settings: Settings) -> LiveWorld:
    """Return the sample community with its simulator."""
    settings.var.mkdir(parents=True, exist_ok=True)
    community = load_community(sample_path(settings))
    database = _demo_database(settings, community)
    if settings.mqtt_url:
        log.warning("the demo listens to no broker: TWIN_MQTT_URL is for serve")
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
    database = find_database(settings, file)
    broker = read_broker(settings.mqtt_url) if settings.mqtt_url else None
    if broker is not None:
        MQTT.use(load_mapping(settings.mqtt_mapping))
    world = open_world(community, settings, database=database, simulate=simulate)
    world.broker = broker
    return world
