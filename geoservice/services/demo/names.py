"""The words the city's names are made of; no real city, place or person is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

CITY = "云棠市"
DISTRICT = "澄溪区"
CITY_CODE = "470100"  # 47 is no province's number
DISTRICT_CODE = "470102"

# 街道, in the order of ground.COMMUNITIES
STREETS = ("棠苑", "书院", "文澜", "柳浪", "石埠", "南渡", "镜月", "望棠")
COMMUNITIES = (
    "栖云", "松岭", "棠北", "棠梨园", "西岸",
    "书院里", "文昌阁", "老仓街", "泮池", "桂花井", "渡口",
    "文澜", "翰林桥", "东仓", "梅花坞", "竹丝巷",
    "柳浪", "货场", "东柳", "粮库",
    "西澄", "水厂", "石埠", "砖瓦厂", "槐树湾",
    "南渡", "鱼市", "绸布街", "南门", "香樟",
    "镜月", "环湖", "荷风", "采莲", "听涛", "新月",
    "望棠", "杉木岗", "学苑", "东澄",
)  # fmt: skip

_FIRST = "文德永安康福春秋桂梅兰竹松柳槐榆桃杏玉翠清明星阳锦霞枫荷"
_SECOND = "昌兴华盛宁泰平顺祥瑞和园林泉塘井坊亭台岭坡湾港圩堤渠"
_NUMERALS = "一二三四五六七八九十"

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN_ONE = "建立志国明春晓海永文玉家子思雨佳俊浩一欣德新正光红秀兴启景嘉"
_GIVEN_TWO = "军华平伟强敏丽芳涛超勇艳杰娟霞刚辉玲斌宇萍鹏琴波洁凯宁峰雪梅"

# point category → the ways its points are named; {p}: a two-character word, {c}: community, {s}: street, {n}: a number
POINT_NAMES: dict[str, tuple[str, ...]] = {
    "market": ("{p}农贸市场", "{c}菜市场", "{p}生鲜集市"),
    "old_compound": ("{p}小区", "{p}新村", "{p}苑", "{c}厂宿舍{n}号院", "{p}里"),
    "back_lane": ("{s}",),
    "main_street": ("{s}{c}段",),
    "public_toilet": ("{s}公厕", "{c}公厕", "{p}公厕"),
    "park": ("{p}公园", "{p}广场", "{c}口袋公园"),
    "station": ("{s}公交站", "{p}公交首末站", "{c}客运站"),
    "hospital": ("{c}社区卫生服务站", "{p}医院", "{p}中医院"),
    "school": ("{p}小学", "{c}小学", "{p}中学", "{p}幼儿园", "{c}幼儿园"),
    "internet_cafe": ("{p}网吧", "{p}电竞馆", "{p}网咖"),
    "window_office": ("{c}党群服务中心", "{p}税务服务厅", "{p}银行{c}支行", "{c}派出所窗口", "{p}供电营业厅"),
    "restaurant": ("{p}面馆", "{p}酒楼", "{p}早点铺", "{p}小吃店", "老{x}家常菜", "{p}火锅店"),
}


class NameMaker:
    """Hands out two-character words, each once until all are used, and names of persons."""

    def __init__(self, rng: np.random.Generator) -> None:
        words = [first + second for first in _FIRST for second in _SECOND]
        self._words: list[str] = [words[index] for index in rng.permutation(len(words)).tolist()]
        self._rng = rng
        self._next = 0
        self._persons: set[str] = set()

    def word(self) -> str:
        """Return a two-character word nobody has had yet (or, after 700, has had long ago)."""
        self._next += 1
        return self._words[self._next % len(self._words)]

    def person(self) -> str:
        """Return a person's name that nobody else in the city bears."""
        while True:
            given = self._pick(_GIVEN_ONE) + (self._pick(_GIVEN_TWO) if self._rng.random() < 0.8 else "")
            name = self.surname() + given
            if name not in self._persons:
                self._persons.add(name)
                return name

    def surname(self) -> str:
        """Return a surname."""
        return self._pick(SURNAMES)

    def phone(self) -> str:
        """Return a telephone number of a range that no operator serves."""
        return f"100{self._rng.integers(0, 10**8):08d}"

    def _pick(self, letters: str) -> str:
        return letters[int(self._rng.integers(len(letters)))]


def numeral(number: int) -> str:
    """Write 1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    word = ("" if tens < 2 else _NUMERALS[tens - 1]) + ("十" if tens else "")
    return word + (_NUMERALS[ones - 1] if ones else "")
