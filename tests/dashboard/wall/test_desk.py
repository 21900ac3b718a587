"""Walls among themselves: state, leader, codes and remotes, without a browser."""

import asyncio

import orjson
import pytest

from dashboard.wall.desk import HEARD_S, MOST_SCREENS, MOST_WALLS, NoSuchWallError, WallDesk
from dashboard.wall.pairing import CODE_S, MOST_REMOTES, REMOTE_S, TRIES, Pairing, PairingError
from dashboard.wall.saying import SayingError, read_change, read_command, read_figures, read_json

VIEW = {"longitude": 119.3, "latitude": 26.08, "zoom": 17, "pitch": 54, "bearing": -24}
MOVE = {"from": VIEW, "to": {**VIEW, "zoom": 18}, "at": 1.0, "ms": 1800}


class Hand:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def _said(chunk):
    return orjson.loads(chunk.split(b"data: ")[1])


def test_every_listener_hears_the_whole_state_and_nobody_elses():
    async def run():
        desk = WallDesk("v1")
        one, two, other = desk.listen("main"), desk.listen("main"), desk.listen("lobby")
        for stream in (one, two, other):
            assert (await anext(stream)).startswith(b"retry")
            assert _said(await anext(stream))["state"] == {}
        desk.say("main", {"blank": True})
        desk.say("main", {"theme": "day"})
        for stream in (one, two):
            assert _said(await anext(stream))["state"] == {"blank": True, "theme": "day"}
        assert desk.known("lobby").state == {}
        desk.close()
        for stream in (one, two, other):
            with pytest.raises(StopAsyncIteration):
                await anext(stream)
        assert desk.listeners == 0

    asyncio.run(run())


def test_the_first_tile_that_lives_leads():
    clock = Hand()
    desk = WallDesk("v1", clock)
    assert desk.beat("main", "1,1", {})["leader"] == "1,1"
    assert desk.beat("main", "0,1", {})["leader"] == "0,1"
    assert desk.beat("main", "1,0", {})["leader"] == "1,0"
    clock.now += HEARD_S + 1
    assert desk.beat("main", "1,1", {})["leader"] == "1,1"
    (wall,) = desk.describe()
    assert [(s["tile"], s["alive"]) for s in wall["screens"]] == [
        ("1,0", False), ("0,1", False), ("1,1", True),
    ]  # fmt: skip


def test_walls_and_screens_are_limited():
    desk = WallDesk("v1")
    for name in ("", "A", "a b", "x" * 33, "../x"):
        with pytest.raises(NoSuchWallError):
            desk.wall(name)
    for tile in ("1", "a,b", "1,2,3", "100,1"):
        with pytest.raises(NoSuchWallError):
            desk.beat("main", tile, {})
    for k in range(MOST_SCREENS):
        desk.beat("main", f"{k},0", {})
    with pytest.raises(NoSuchWallError):
        desk.beat("main", "0,1", {})
    for k in range(MOST_WALLS - 1):
        desk.wall(f"w{k}")
    with pytest.raises(NoSuchWallError):
        desk.wall("one-more")


def test_a_code_works_once_and_for_its_wall_alone():
    clock = Hand()
    pairing = Pairing(clock)
    code = pairing.offer("main")
    wall, secret = pairing.claim(f" {code.lower()} ", "phone")
    assert wall == pairing.wall_of(secret) == "main"
    with pytest.raises(PairingError):
        pairing.claim(code, "phone")
    old, new = pairing.offer("main"), pairing.offer("main")
    with pytest.raises(PairingError):
        pairing.claim(old, "phone")
    clock.now += CODE_S
    with pytest.raises(PairingError):
        pairing.claim(new, "phone")


def test_remotes_end_by_time_by_number_and_by_the_wall():
    clock = Hand()
    pairing = Pairing(clock)
    secrets = []
    for _ in range(MOST_REMOTES + 1):
        clock.now += 1
        secrets.append(pairing.claim(pairing.offer("main"), "phone")[1])
    assert pairing.wall_of(secrets[0]) is None
    assert pairing.count("main") == MOST_REMOTES
    _, elsewhere = pairing.claim(pairing.offer("lobby"), "phone")
    assert pairing.revoke("main") == MOST_REMOTES
    assert pairing.wall_of(secrets[-1]) is None
    assert pairing.wall_of(elsewhere) == "lobby"
    clock.now += REMOTE_S + 1
    assert pairing.wall_of(elsewhere) is None


def test_guessing_is_stopped_for_who_guesses():
    clock = Hand()
    pairing = Pairing(clock)
    code = pairing.offer("main")
    for _ in range(TRIES):
        with pytest.raises(PairingError) as refused:
            pairing.claim("AAAAAAAA", "guesser")
        assert refused.value.status == 403
    with pytest.raises(PairingError) as refused:
        pairing.claim(code, "guesser")
    assert refused.value.status == 429
    assert pairing.claim(code, "phone")[0] == "main"


@pytest.mark.parametrize(
    "change",
    [
        {"blank": 1}, {"theme": "pink"}, {"layers": "none"}, {"odd": True}, {"mode": "x"},
        {"move": 3}, {"move": {**MOVE, "ms": -1}}, {"move": {**MOVE, "ease": "bounce"}},
        {"move": {**MOVE, "from": {**VIEW, "zoom": "17"}}}, {"move": {**MOVE, "drift": "no"}},
        {"pick": {"layer": "people", "id": "p1"}}, {"pick": {"layer": "gates", "id": "<x>"}},
        {"tour": {"on": "yes"}}, {"tour": {"on": True, "scene": 4}},
    ],
)  # fmt: skip
def test_what_a_wall_does_not_understand_is_refused(change):
    with pytest.raises(SayingError):
        read_change(change)


def test_nothing_unknown_is_passed_on():
    change = read_change(
        {"move": {**MOVE, "more": "x"}, "pick": {"layer": "gates", "id": "g0", "x": 1}}
    )
    assert "more" not in change["move"]
    assert change["pick"] == {"layer": "gates", "id": "g0"}
    odd = {"fps": 60, "name": "x", "mode": "<b>", "heap_mb": float("nan")}
    assert read_figures(odd) == {"fps": 60}
    assert read_command({"do": "next", "with": {"x": 1}}) == ("next", None)
    assert read_command({"do": "set", "with": {"mute": True}}) == ("set", {"mute": True})


@pytest.mark.parametrize(
    "given",
    [{"do": "acknowledge"}, {"do": "set", "with": {"pick": None}},
     {"do": "set", "with": {"move": MOVE}},
     {"do": "scene", "with": "../x"}, {"do": "set"}, {}],
)  # fmt: skip
def test_a_remote_does_only_what_remotes_do(given):
    with pytest.raises(SayingError):
        read_command(given)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"1", b'{"a":"' + b"x" * 9000 + b'"}'])
def test_a_body_that_is_no_short_object_is_refused(body):
    with pytest.raises(SayingError):
        read_json(body)
