"""Feeds: one file a protocol, all behind the interface of `live.feeds.base`."""

from live.feeds.base import DeviceIndex, Feed, ParseResult, Ref, Reject
from live.feeds.clock import SkewClock
from live.feeds.dahua import DahuaFeed
from live.feeds.gat1400 import Gat1400Feed
from live.feeds.hikvision import HikvisionFeed
from live.feeds.http_json import HttpJsonFeed
from live.feeds.mqtt_map import MqttFeed
from live.feeds.ngsi import NgsiFeed
from live.feeds.replay import ReplayFeed

MQTT = MqttFeed()
"""The one that the subscriber feeds and quarantine replays through; `use` gives it other rules."""

FEEDS: tuple[Feed, ...] = (
    HttpJsonFeed(),
    Gat1400Feed(),
    HikvisionFeed(),
    DahuaFeed(),
    NgsiFeed(),
    MQTT,
    ReplayFeed(),
)
"""Every feed there is; a new one is a file and a line here."""

__all__ = ["FEEDS", "MQTT", "DeviceIndex", "Feed", "ParseResult", "Ref", "Reject", "SkewClock"]
