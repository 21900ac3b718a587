"""Over two hundred queries made from the sample's own names by ways of writing and of mistyping.

What a query is made from must be the first hit. The readings are a table of their own here, written
by hand, so that the product's dictionary is not its own judge.
"""

import random
import unicodedata
from collections import Counter, defaultdict

import pytest

from dashboard.search.sources import build_index
from geodata.community import load_community
from geodata.sample import write_sample

SPOKEN = (
    "与yu 东dong 中zhong 之zhi 互hu 五wu 人ren 便bian 修xiu 健jian 儿er 党dang 公gong 养yang "
    "军jun 农nong 利li 务wu 动dong 助zhu 化hua 北bei 区qu 南nan 卫wei 厕ce 号hao 合he 后hou "
    "商shang 园yuan 场chang 型xing 堂tang 大da 天tian 学xue 室shi 家jia 寓yu 小xiao 少shao "
    "居ju 巷xiang 市shi 年nian 幼you 广guang 店dian 微wei 心xin 快kuai 房fang 托tuo 护hu 操cao "
    "政zheng 教jiao 文wen 料liao 新xin 晚wan 服fu 楼lou 民min 泰tai 津jin 活huo 消xiao 点dian "
    "照zhao 理li 生sheng 社she 福fu 站zhan 管guan 维wei 综zong 缘yuan 群qun 老lao 者zhe 色se "
    "苑yuan 药yao 营ying 西xi 警jing 贸mao 身shen 递di 邻lin 里li 金jin 铺pu 长zhang 门men "
    "阁ge 防fang 雨yu 颐yi 风feng 食shi 驿yi 单dan 元yuan 地di 下xia 车che 库ku 停ting"
)
SOUNDS = {pair[0]: pair[1:] for pair in SPOKEN.split()}
SAME_SOUND = {"津": "金", "泰": "太", "军": "君", "门": "们", "营": "迎", "苑": "院", "区": "曲",
              "服": "福", "防": "房", "警": "井", "药": "要", "驿": "易", "颐": "宜"}  # fmt: skip
OTHER_SOUND = {"泰": "秦", "营": "宫", "军": "车", "苑": "范", "警": "敬", "药": "约", "防": "坊",
               "递": "第", "幼": "幻", "金": "全", "养": "美", "站": "战"}  # fmt: skip
MISTYPED = (
    ("津太新苑", "津泰新苑"),
    ("东应里", "东营里"),
    ("军们新院", "军门新苑"),
    ("南宫小区", "南营小区"),
    ("jintaxinyuan", "津泰新苑"),
    ("beiyignxiaoqu", "北营小区"),
)
random_ = random.Random(20)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("search") / "sample.gpkg"
    write_sample(path)
    return load_community(path)


@pytest.fixture(scope="module")
def index(sample):
    return build_index(sample, {"pharmacy": ("药店", "Pharmacy"), "canteen": ("食堂", "Canteen")})


def spell(text, number=lambda n: n):
    return "".join(SOUNDS.get(char, number(char)) for char in text if char != " ")


def shorten(text):
    return "".join(SOUNDS.get(char, char)[0] for char in text if char != " ")


def widen(text):
    return "".join(
        "　" if c == " " else chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text
    )


def without_spaces(text):
    return text.replace(" ", "")


def in_chinese_figures(number):
    ones = "零一二三四五六七八九"
    tens, one = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{ones[tens]}十"
    return head + (ones[one] if one or not tens else "")


class Oracle:
    """Queries with all that may come first, which is one thing unless names are the same."""

    def __init__(self, sample):
        self.sample = sample
        self.by_name = defaultdict(set)
        for layer in ("compounds", "grids", "buildings", "services", "gates", "parking",
                      "entrances", "plate_cameras"):  # fmt: skip
            for key, name in zip(sample[layer]["id"], sample[layer]["name"], strict=True):
                self.by_name[without_spaces(name)].add((layer, key))
        self.by_sound = Counter(spell(name) for name in self.by_name)
        self.cases = []

    def add(self, kind, query, *expected):
        self.cases.append((kind, query, set(expected)))

    def names(self, layer):
        return list(zip(self.sample[layer]["id"], self.sample[layer]["name"], strict=True))

    def same(self, name):
        return self.by_name[without_spaces(name)]

    def make(self):
        self.write_names()
        self.write_addresses()
        self.write_pinyin()
        self.write_mistakes()
        self.write_ids()
        return self.cases

    def write_names(self):
        names = [
            name for layer in ("compounds", "gates", "services") for _, name in self.names(layer)
        ]
        for name in names:
            self.add("name", name, *self.same(name))
        for key, name in random_.sample(self.names("buildings"), 12):
            self.add("name", without_spaces(name), ("buildings", key))
            self.add("wide", widen(name), ("buildings", key))
        for key, name in random_.sample(self.names("parking"), 5):
            self.add("name", without_spaces(name), ("parking", key))
        for k, (key, name) in enumerate(self.names("grids"), 1):
            self.add("numeral", f"军门第{in_chinese_figures(k)}网格", ("grids", key))
            self.add("name", name, ("grids", key))
        self.add("kind", "pharmacy", *self.same("军门大药房"))
        self.add("kind", "canteen", ("services", "S-04"))

    def write_addresses(self):
        buildings = self.sample["buildings"].set_index("id")
        doors = self.sample["entrances"]
        doors = doors[doors["name"].str.contains("号楼")]
        for row in doors.sample(24, random_state=3).itertuples():
            area, number = buildings.loc[row.building_id, "name"].removesuffix(" 号楼").split(" ")
            unit, door = int(row.unit), ("entrances", row.id)
            flat = random_.choice((f"{random_.randint(1, 40)}02", "9901"))  # there or not
            short, long = shorten(area), spell(area)
            forms = [
                f"{area}{number}-{unit}",
                f"{area}{number}-{unit}-{flat}",
                f"{area} {number} 号楼 {unit} 单元",
                f"{area}{number}号楼{unit}单元{flat}",
                f"{area}{number}栋{unit}单元{flat}室",
                f"{area}{number}#{unit}单元",
                f"{area}{in_chinese_figures(int(number))}号楼{in_chinese_figures(unit)}单元",
                f"{area}{int(number):02}号楼{unit}单元4层{flat}",
                widen(f"{area}{number}-{unit}-{flat}"),
                f"福州市鼓楼区{area}{number}号楼{unit}单元",
                f"{short}{number}-{unit}",
                f"{long}{number}-{unit}-{flat}",
                f"{short.upper()}{number}hl{unit}dy",
                f"building {number} unit {unit}, {long}",
                f"{long} building {number}, unit {unit}, room {flat}",
                f"{area[0]}{spell(area[1:])}{number}-{unit}",
            ]
            for form in random_.sample(forms, 4):
                self.add("address", form, door)
        everywhere = {("entrances", r.id) for r in doors.itertuples()
                      if r.name.endswith(" 5 号楼 2 单元")}  # fmt: skip
        for form in (
            "5号楼2单元402",
            "5-2-402",
            "５－２",
            "五号楼二单元",
            "5#2单元",
            "5幢2单元301室",
        ):
            self.add("address", form, *everywhere)

    def write_pinyin(self):
        for layer in ("compounds", "gates", "services"):
            for _, name in self.names(layer):
                if self.by_sound[spell(name)] == 1:
                    self.add("pinyin", spell(name), *self.same(name))
        for key, name in random_.sample(self.names("buildings"), 12):
            if "号楼" in name:
                self.add("pinyin", spell(name), ("buildings", key))
                area, number, _ = name.split(" ")
                self.add("initials", shorten(area) + number, ("buildings", key))
                self.add("mixed", area[:1] + spell(area[1:]) + number, ("buildings", key))
                self.add("mixed", shorten(area[:-1]) + spell(area[-1]) + number, ("buildings", key))
        for name in ("军门大药房", "长者食堂", "微型消防站", "五福缘老人养护中心", "津泰幼儿园"):
            self.add("initials", shorten(name), *self.same(name))
            self.add("mixed", name[:2] + spell(name[2:]), *self.same(name))
        self.add("heteronym", "changzheshitang", *self.same("长者食堂"))
        self.add("heteronym", "junmendaiyaofang", *self.same("军门大药房"))

    def write_mistakes(self):
        pool = [name for layer in ("compounds", "services") for _, name in self.names(layer)]
        for table, kind in ((SAME_SOUND, "same sound"), (OTHER_SOUND, "wrong character")):
            for name in pool:
                places = [k for k, char in enumerate(name) if char in table]
                if not places or (kind == "wrong character" and len(name) < 4):
                    continue
                place = random_.choice(places)
                wrong = name[:place] + table[name[place]] + name[place + 1 :]
                self.add(kind, wrong, *self.same(name))
        for name in pool:
            if len(name) >= 6:
                place = random_.randrange(1, len(name) - 1)
                self.add("dropped character", name[:place] + name[place + 1 :], *self.same(name))
                swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
                self.add("swapped characters", swapped, *self.same(name))
            said = spell(name)
            if len(said) >= 12 and self.by_sound[said] == 1:
                place = random_.randrange(2, len(said) - 2)
                self.add("dropped letter", said[:place] + said[place + 1 :], *self.same(name))
                swapped = said[:place] + said[place + 1] + said[place] + said[place + 2 :]
                self.add("swapped letters", swapped, *self.same(name))
                doubled = said[:place] + said[place - 1] + said[place:]
                self.add("doubled letter", doubled, *self.same(name))
        for wrong, right in MISTYPED:
            (place,) = self.same(f"{right} 3 号楼")
            self.add("mistyped address", f"{wrong}3号楼", place)
            door = ("entrances", f"{place[1]}-u2")
            self.add("mistyped address", f"{wrong}3-2-402", door)

    def write_ids(self):
        devices = self.sample["devices"]
        inside = devices["kind"].isin(["water_meter", "electricity_meter", "smoke_alarm"])
        for key in devices[~inside]["id"].sample(8, random_state=1):
            self.add("id", key, ("devices", key))
            self.add("id", key.lower().replace("-", ""), ("devices", key))
            self.add("id", widen(key), ("devices", key))
        for key in self.sample["gates"]["id"].head(3):
            self.add("id", key, ("gates", key))


@pytest.fixture(scope="module")
def cases(sample):
    return Oracle(sample).make()


def test_what_a_query_is_made_from_comes_first(index, cases):
    assert len(cases) >= 200
    missed = []
    for kind, query, expected in cases:
        hits = index.search(query, 5)
        first = (hits[0].entry.layer, hits[0].entry.id) if hits else None
        if first not in expected:
            missed.append((kind, query, sorted(expected)[:3], first))
    assert not missed, f"{len(missed)} of {len(cases)}:\n" + "\n".join(map(str, missed))


def test_oracle_tries_every_way(cases):
    kinds = Counter(kind for kind, _, _ in cases)
    assert set(kinds) >= {"name", "wide", "address", "pinyin", "initials", "mixed", "heteronym",
                          "same sound", "wrong character", "dropped letter", "swapped letters",
                          "mistyped address", "id"}  # fmt: skip
    assert all(unicodedata.is_normalized("NFC", query) for _, query, _ in cases)


def test_same_query_gives_the_same_hits_from_an_index_built_in_another_order(sample, index, cases):
    shuffled = type(index)(random_.sample(index.entries, len(index.entries)), index.places)
    for _, query, _ in cases[::7]:
        assert shuffled.search(query, 9) == index.search(query, 9), query


def test_flat_that_is_and_flat_that_is_not_answer_alike(sample, index):
    flat = sample.dwellings.iloc[0]
    name = sample["buildings"].set_index("id").loc[flat.building_id, "name"]
    there = index.search(f"{name}{flat.unit}单元{flat.room}", 20)
    assert there[0].entry.layer == "entrances"
    for room in ("0000", "9999", "101", "1"):
        assert index.search(f"{name}{flat.unit}单元{room}", 20) == there
    assert flat.id not in {hit.entry.id for hit in index.search(flat.id, 50)}


def test_meters_in_flats_are_no_hits(sample, index):
    meters = sample["devices"]
    meters = meters[meters["kind"].isin(["water_meter", "electricity_meter", "smoke_alarm"])]
    found = {entry.id for entry in index.entries}
    assert not found & set(meters["id"])
    for row in meters.sample(5, random_state=2).itertuples():
        assert not [hit for hit in index.search(row.id, 20) if hit.entry.id == row.id]
