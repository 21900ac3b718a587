"""Coverage against the libraries there are: scipy, networkx, pandana; PySAL for the sums."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import dijkstra

from geodata.coverage.access import Access
from tests.bench.coverage_city import GROUPS, KINDS, LIMIT_MM, WEIGHTS, Town
from tests.bench.report import Line, cpu

SAMPLE = {"community": 60, "district": 256, "open district": 64, "city": 16}
"""So many providers a slower library is asked for; its time is scaled to all of them."""


def measure_others(town: Town, whole: float, *, goal: bool) -> list[Line]:
    """Return how much longer others take for the pairs alone, the sums left out."""
    count = min(SAMPLE[town.size.name], town.size.services)
    some = np.random.default_rng(2).choice(town.size.services, count, replace=False)
    nodes = town.place_node[some]
    scale = town.size.services / count
    found: dict[str, float] = {}

    def scipy() -> None:
        for chunk in np.array_split(nodes, max(1, count // 64)):
            far = dijkstra(town.graph, indices=chunk, limit=LIMIT_MM / 1000)
            np.nonzero(far[:, town.door_node] <= LIMIT_MM / 1000)

    found["scipy, bounded"] = cpu(scipy)[0] * scale
    lines: list[Line] = []
    try:
        import networkx as nx
    except ImportError:
        lines.append(Line("    networkx is not installed: left out"))
    else:
        if town.size.side < 500:
            graph = nx.Graph()
            table = town.graph.tocoo()
            graph.add_weighted_edges_from(zip(table.row, table.col, table.data, strict=True))
            few = nodes[:24]

            def networkx() -> None:
                for node in few.tolist():
                    nx.single_source_dijkstra_path_length(graph, node, LIMIT_MM / 1000)

            found["networkx, cutoff"] = cpu(networkx)[0] * town.size.services / len(few)
    try:
        import pandana
    except ImportError:
        lines.append(Line("    pandana (AGPL) is not installed: left out"))
    else:
        if town.size.side < 500:
            table = town.graph.tocoo()
            once = table.row < table.col
            ends = (pd.Series(table.row[once]), pd.Series(table.col[once]))
            weight = pd.DataFrame({"m": table.data[once]})
            x, y = pd.Series(town.xy[:, 0]), pd.Series(town.xy[:, 1])
            built, network = cpu(lambda: pandana.Network(x, y, *ends, weight))
            found["pandana, nodes_in_range"] = scale * cpu(
                lambda: network.nodes_in_range(nodes.tolist(), LIMIT_MM / 1000)
            )[0]  # fmt: skip
            lines.append(Line(f"    pandana builds its network in {built:.2f} s more, not counted"))
    best = min(found.values())
    return [
        *(Line(f"    pairs alone by {name} / everything here", taken / whole)
          for name, taken in found.items()),
        Line("  the best library / everything here", best / whole, 10 if goal else None, "least"),
        *lines,
    ]  # fmt: skip


def measure_sums(town: Town, access: Access, *, goal: bool) -> list[Line]:
    """Return how much longer PySAL takes to sum the same pairs, and the greatest difference."""
    from access import Access as PySal
    from access import weights

    whole = np.ones(town.size.buildings, bool)

    def ours() -> None:
        for table in access.kinds.values():
            table.refresh(np.arange(len(table.ids)), whole)

    ours()
    kind = KINDS[0]
    table = access.kinds[kind]
    parts = [table.pairs_of(slot) for slot in range(len(table.ids))]
    costs = pd.DataFrame({
        "origin": np.concatenate([rows for rows, _ in parts]),
        "dest": np.repeat(10_000_000 + np.arange(len(parts)), [len(rows) for rows, _ in parts]),
        "cost": np.concatenate([mm for _, mm in parts]) / 1000,
    })  # fmt: skip
    steps = weights.step_fn(
        dict(zip((WEIGHTS[0] / 1000).tolist(), WEIGHTS[1].tolist(), strict=True))
    )
    demand = pd.DataFrame({"id": np.arange(town.size.buildings), "people": table.demand[:, 0]})
    supply = pd.DataFrame({"id": 10_000_000 + np.arange(len(parts)), "places": table.supply})
    none = pd.DataFrame({"origin": [0], "dest": [0], "cost": [0.0]})
    other = PySal(
        demand_df=demand, demand_index="id", demand_value="people",
        supply_df=supply, supply_index="id", supply_value="places",
        cost_df=costs, cost_origin="origin", cost_dest="dest", cost_name="cost",
        neighbor_cost_df=none, neighbor_cost_origin="origin", neighbor_cost_dest="dest",
        neighbor_cost_name="cost",
    )  # fmt: skip
    turns = []
    for turn in range(5):  # in turn: a busy machine slows both
        seconds, found = cpu(
            lambda turn=turn: other.enhanced_two_stage_fca(  # type: ignore[misc]
                name=f"e{turn}", cost="cost", supply_values="places", max_cost=LIMIT_MM / 1000,
                weight_fn=steps,
            )
        )  # fmt: skip
        turns.append((seconds, cpu(ours)[0]))
    taken, mine = np.median(np.array(turns), axis=0).tolist()
    theirs = found.iloc[:, 0].reindex(range(town.size.buildings)).fillna(0).to_numpy()
    off = float(np.abs(theirs - table.access[:, 0]).max())
    times = len(KINDS) * GROUPS
    return [
        Line(f"  PySAL access, one of {times} sums x {times} / all sums here", taken * times / mine,
             100 if goal else None, "least"),
        Line(f"    one of theirs takes {taken * 1e3:,.0f} ms, all of ours {mine * 1e3:,.1f} ms"),
        Line("    greatest difference, in units of 1e-9", off * 1e9, 1.0),
    ]  # fmt: skip
