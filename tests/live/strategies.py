"""Events of every kind, at any time, in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from live.events import Event
from tests.live.small_world import DOORS, make_event

_way = st.sampled_from(["in", "out"])
_told: dict[str, st.SearchStrategy[Any]] = {
    "access": st.tuples(
        st.sampled_from([*DOORS, "g0"]),
        st.fixed_dictionaries(
            {
                "method": st.sampled_from(["face", "card", "code", "phone", "key"]),
                "direction": _way,
                "granted": st.booleans(),
            }
        ),
    ),
    "plate": st.tuples(
        st.sampled_from(["c0", "c1"]),
        st.fixed_dictionaries(
            {"plate": st.sampled_from(["闽A12345", "闽AD12345", "闽C0B22K", None])},
            optional={
                "direction": _way,
                "who": st.sampled_from(["resident", "visitor", "unknown"]),
            },
        ),
    ),
    "reading": st.one_of(
        st.tuples(
            st.sampled_from(["sos", "bin", "meter", "smoke"]),
            st.fixed_dictionaries(
                {
                    "values": st.dictionaries(
                        st.sampled_from(["fill", "battery"]), st.integers(0, 100), max_size=2
                    )
                }
            ),
        ),
        st.tuples(
            st.just("p0"),
            st.builds(lambda n: {"values": {"free": n}}, st.integers(0, 20)),
        ),
    ),
    "status": st.one_of(
        st.tuples(
            st.sampled_from([*DOORS, "g0"]),
            st.fixed_dictionaries(
                {"state": st.sampled_from(["closed", "open", "held", "forced", "offline"])}
            ),
        ),
        st.tuples(st.sampled_from([*DOORS, "c0", "c1"]), st.just({"heartbeat": True})),
        st.tuples(
            st.sampled_from(["sos", "bin", "c0", "meter"]),
            st.fixed_dictionaries({"state": st.sampled_from(["ok", "fault", "offline"])}),
        ),
    ),
    "alarm": st.one_of(
        st.tuples(st.sampled_from(["sos", "smoke"]), st.just({"type": "sos", "severity": 1})),
        st.tuples(st.sampled_from(DOORS), st.just({"type": "forced", "severity": 2})),
    ),
    "service": st.tuples(
        st.just("s0"),
        st.fixed_dictionaries(
            {"state": st.sampled_from(["open", "closed", "full"]), "used": st.integers(0, 10)}
        ),
    ),
}


@st.composite
def events(draw: st.DrawFn, low: int = -7200, high: int = 7200) -> Event:
    """An event; times are whole seconds from NOON, so that ties come up."""
    kind = draw(st.sampled_from(sorted(_told)))
    subject, data = draw(_told[kind])
    live = draw(st.booleans()) if draw(st.booleans()) else True
    return make_event(kind, subject, draw(st.integers(low, high)), live=live, **data)
