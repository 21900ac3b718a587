"""Two moments side by side."""

from live.compare import compare_rows


def test_what_changed_is_named_and_counted():
    a = {
        "entrances": {"d0": {"s": "closed"}, "d1": {"s": "open"}, "d2": {"s": "closed"}},
        "incidents": {"1": {"s": "new"}},
        "counters": {"doors": {"open": 1, "held": 0}, "vehicles": {"in": 4}},
    }
    b = {
        "entrances": {"d0": {"s": "forced"}, "d1": {"s": "closed"}, "d2": {"s": "closed"}},
        "incidents": {"2": {"s": "new"}},
        "counters": {"doors": {"open": 0, "held": None}, "vehicles": {"in": 9}},
    }
    found = compare_rows(a, b)
    assert [(one["layer"], one["id"], one["a"], one["b"]) for one in found["changed"]] == [
        ("incidents", "1", "new", None),
        ("incidents", "2", None, "new"),
        ("entrances", "d0", "closed", "forced"),
        ("entrances", "d1", "open", "closed"),
    ]
    counts = {(one["of"], one["name"]): (one["a"], one["b"]) for one in found["counts"]}
    assert counts["doors", "open"] == (1, 0)
    assert counts["doors", "held"] == (0, None)
    assert counts["vehicles", "in"] == (4, 9)
    assert found["more"] == 0
    assert compare_rows(a, a)["changed"] == []
