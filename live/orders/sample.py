"""Made-up orders of a simulated world: two months of them, seeded, by made-up suppliers."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from geodata.community import Community
from live.incidents.incident import Step
from live.orders.book import Deed, Orders
from live.orders.order import LIMITS_S, open_order

WHO = "simulated"
DAYS = 60
A_DAY = 3.0
AT_A_BUILDING = 0.7
"""So many are about a building; of the others one knows the grid alone."""
OFTEN = {"elderly_care": 2.5}
"""What is asked for more often than other things."""
TASKS = {
    "repair": ("楼道灯不亮", "单元门闭门器损坏", "外墙空鼓", "雨棚漏水"),
    "water_power": ("水管渗漏", "电表箱门脱落", "水压不足"),
    "environment": ("绿化带杂物", "垃圾箱旁污渍", "下水道异味"),
    "safety": ("飞线充电", "灭火器过期", "井盖松动"),
    "parking": ("车位划线模糊", "占用消防通道", "非机动车乱停"),
    "elderly_care": ("适老扶手加装", "助餐配送调整", "独居探访安排"),
    "dispute": ("噪声调解", "装修时段协调"),
    "facility": ("健身器材松动", "座椅维修", "信报箱锁损坏"),
}
SUPPLIERS = (
    ("物业工程部", "enterprise"), ("街道市政班", "government"), ("社区居委会", "community"),
    ("志愿服务队", "social_organisation"), ("楼栋长", "resident"),
)  # fmt: skip


def make_deeds(community: Community, seed: int, now: datetime, orders: Orders) -> list[Deed]:
    """Return the steps of made-up orders up to now, in order of time.

    Args:
        community: Gives the grids.
        seed: Another seed is another town.
        now: The present moment.
        orders: Gives the clock for the numbers.
    """
    chance = random.Random(f"orders|{seed}")
    grids = [str(key) for key in community["grids"]["id"]] or [""]
    homes = _list_homes(community)
    end = round(now.timestamp(), 3)
    first = now.astimezone(orders.zone) - timedelta(days=DAYS)
    deeds: list[Deed] = []
    for day in range(DAYS + 1):
        midnight = (first + timedelta(days=day)).replace(hour=0, minute=0, second=0, microsecond=0)
        times = sorted(chance.uniform(7, 21) for _ in range(chance.randint(1, int(2 * A_DAY) - 1)))
        for number, hour in enumerate(times, 1):
            at = round((midnight + timedelta(hours=hour)).timestamp(), 3)
            steps = _live(chance, at, grids, homes)
            name = f"{midnight:P%y%m%d}-{number:03d}"
            deeds += [(name, step) for step in steps if step.at <= end]
    return sorted(deeds, key=lambda deed: deed[1].at)


def _list_homes(community: Community) -> dict[str, list[str]]:
    """Return the buildings of each grid where people live."""
    homes: dict[str, list[str]] = {}
    buildings = community["buildings"]
    lived_in = buildings[buildings["residents"].fillna(0).astype(float) > 0]
    for id_, grid in zip(lived_in["id"], lived_in["grid_id"], strict=True):
        homes.setdefault(str(grid), []).append(str(id_))
    return homes


def _live(
    chance: random.Random, at: float, grids: list[str], homes: dict[str, list[str]]
) -> list[Step]:
    kind = chance.choices(list(TASKS), [OFTEN.get(kind, 1.0) for kind in TASKS])[0]
    level = chance.choices(list(LIMITS_S), (0.04, 0.26, 0.55, 0.15))[0]
    supplier, supplier_kind = chance.choice(SUPPLIERS)
    source = chance.choices(("resident", "staff", "incident"), (0.7, 0.22, 0.08))[0]
    asked = {
        "kind": kind, "level": level, "title": chance.choice(TASKS[kind]), "source": source,
        "grid": chance.choice(grids),
    }  # fmt: skip
    near = homes.get(asked["grid"])
    if near and chance.random() < AT_A_BUILDING:
        asked |= {"layer": "buildings", "place": chance.choice(near)}
    limit = LIMITS_S[level]
    assigned = at + limit * chance.uniform(0.01, 0.06)
    started = assigned + limit * chance.uniform(0.01, 0.15)
    done = started + limit * (chance.uniform(0.1, 0.75) if chance.random() < 0.9 else 1.2)
    steps = [
        Step("open", at, WHO, open_order(asked, at)),
        Step("assign", assigned, WHO, {"supplier": supplier, "supplier_kind": supplier_kind}),
        Step("start", started, WHO),
        Step("progress", (started + done) / 2, WHO, {"progress": chance.choice((30, 50, 70))}),
        Step("finish", done, WHO),
    ]
    if chance.random() < 0.72:
        rating = chance.choices((5, 4, 3, 2, 1), (0.55, 0.3, 0.09, 0.04, 0.02))[0]
        steps.append(Step("rate", done + 40_000 * chance.random(), WHO, {"rating": rating}))
    steps.append(Step("close", max(steps[-1].at, done + 50_000), WHO))
    if steps[-2].data.get("rating") == 5 and chance.random() < 0.12:
        steps.append(Step("praise", steps[-1].at + 60, WHO, {"on": True}))
    return [Step(s.action, round(s.at, 3), s.who, s.data) for s in steps]


def add_sample(community: Community, seed: int, orders: Orders) -> int:
    """Put made-up orders into a store that has none; return how many."""
    if orders.page(limit=1)[0]:
        return 0
    now = datetime.fromtimestamp(orders.now(), orders.zone)
    orders.write(make_deeds(community, seed, now, orders))
    return len(orders.all())
