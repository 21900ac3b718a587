"""Numbers for Prometheus under /metrics, in a registry of their own; no personal data in them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import make_url

from dashboard.doors.events import count_hearing, feed_names
from live.health import HEARD, LATE, SILENT
from live.twin import Twin

if TYPE_CHECKING:
    from dashboard.doors.desk import Desk

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one server; `watch` them once there is something to see."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self.commit_seconds = Histogram(
            "twin_commit_seconds",
            "Time from handing a message's events in until they were durable, passages left out",
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def watch(self, desk: Desk, folder: Path) -> None:
        """Add what the doors and the twin behind them tell.

        Args:
            desk: The doors; they open at the first look.
            folder: On the disk whose room counts, where the database is no file.
        """
        self.registry.register(_Live(desk, folder))

    def render(self) -> bytes:
        """Return all of it in Prometheus' text form."""
        return generate_latest(self.registry)


class _Live(Collector):
    """Reads at each look what is counted anyway."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._feeds()
        yield from self._twin(self.desk.world.twin)
        refused = CounterMetricFamily(
            "twin_refused_requests", "Requests that a door refused", labels=["door", "status"]
        )
        for (door, status), n in list(self.desk.refused.items()):
            refused.add_metric([door, str(status)], n)
        yield refused
        disk = GaugeMetricFamily("twin_disk_free_bytes", "Room on the disk of the store")
        disk.add_metric([], disk_free(self.desk.world.twin, self.folder))
        yield disk
        subscriber = getattr(self.desk.world, "subscriber", None)
        if subscriber is not None:
            heard = GaugeMetricFamily("twin_mqtt_connected", "Whether the MQTT broker hears us")
            heard.add_metric([], float(subscriber.connected))
            yield heard

    def _feeds(self) -> Iterator[Metric]:
        health = self.desk.reception.health
        accepted = CounterMetricFamily(
            "twin_events_accepted",
            "New durable events; those of passages in full hundreds",
            labels=["feed", "kind"],
        )
        duplicate = CounterMetricFamily(
            "twin_events_duplicate", "Events known already", labels=["feed"]
        )
        quarantined = CounterMetricFamily(
            "twin_events_quarantined", "Messages and parts kept aside", labels=["feed"]
        )
        heard = GaugeMetricFamily(
            "twin_feed_last_heard_seconds", "When a feed was last heard, epoch", labels=["feed"]
        )
        things = GaugeMetricFamily(
            "twin_feed_things", "Things of a feed by hearing", labels=["feed", "hearing"]
        )
        for name in feed_names(self.desk):
            one = health[name]
            for kind, n in sorted(one.told.items()):
                accepted.add_metric([name, kind], n)
            duplicate.add_metric([name], one.duplicate)
            quarantined.add_metric([name], one.quarantined)
            if one.told_at is not None:
                heard.add_metric([name], one.told_at.timestamp())
            for hearing, n in count_hearing(self.desk, name).items():
                things.add_metric([name, hearing], n)
        yield from (accepted, duplicate, quarantined, heard, things)

    def _twin(self, twin: Twin) -> Iterator[Metric]:
        def gauge(name: str, text: str, value: float) -> Metric:
            family = GaugeMetricFamily(name, text)
            family.add_metric([], value)
            return family

        def counter(name: str, text: str, value: float) -> Metric:
            family = CounterMetricFamily(name, text)
            family.add_metric([], value)
            return family

        yield gauge("twin_queue_events", "Events that wait to be written", twin.intake.waiting)
        yield gauge("twin_stream_readers", "Readers of the stream", twin.hub.readers)
        yield counter("twin_stream_patches", "Patches sent", twin.hub.seq)
        yield counter("twin_stream_resets", "Readers sent to take a snapshot", twin.hub.resets)
        hearing = dict.fromkeys((HEARD, LATE, SILENT), 0)
        with twin.lock:
            for subject in twin.state.subjects.values():
                if subject.period_s:
                    hearing[subject.hearing] += 1
        devices = GaugeMetricFamily(
            "twin_devices", "Doors, cameras and devices by hearing", labels=["hearing"]
        )
        for name, n in hearing.items():
            devices.add_metric([name], n)
        yield devices


def disk_free(twin: Twin, folder: Path) -> int:
    """Return the bytes left on the disk of a twin's database, or of a folder if it is no file."""
    url = make_url(str(twin.store.engine.url))
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        folder = Path(str(url.database)).parent
    return shutil.disk_usage(folder).free
