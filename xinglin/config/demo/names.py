"""Names, addresses and numbers of people who do not exist; every choice comes from one seeded generator."""

from datetime import date, timedelta
from itertools import accumulate
from random import Random

# Family names with their share per thousand, the most frequent hundred being three quarters of all people.
_FAMILY = (
    "王72 李71 张66 刘53 陈46 杨31 黄22 赵22 吴20 周20 徐17 孙16 马14 朱13 胡13 郭12 何12 林11 高10 罗10 "
    "郑9 梁9 谢8 宋8 唐8 许7 邓7 韩7 冯7 曹6 彭6 曾6 肖6 田6 董6 潘5 袁5 蔡5 蒋5 余5 于5 杜5 叶5 程5 魏5 "
    "苏5 吕4 丁4 任4 卢4 姚4 沈4 钟4 姜4 崔4 谭4 陆4 范4 汪4 廖3 石3 金3 韦3 贾3 夏3 付3 方3 邹3 熊3 白3 "
    "孟3 秦3 邱3 侯3 江3 尹3 薛3 闫3 段3 雷3 龙3 黎3 史3 陶3 贺3 毛3 郝3 顾3 龚3 邵3 万3 覃2 武2 钱2 戴2 "
    "严2 莫2 孔2 向2 常2 欧阳1 上官1 司马1 诸葛1"
)
# Given names by sex and the decade they were fashionable in.
_GIVEN = {
    ("M", 0): "建国 建华 志强 国强 永福 德明 宝山 根生 长发 树林 玉田 福生 金龙 文彬 光明 家栋 振兴 保国",
    ("M", 1): "建军 卫东 志刚 海涛 国庆 伟 军 勇 强 涛 斌 立新 志远 永康 晓东 宏伟 建平 学文",
    ("M", 2): "磊 鹏 浩 俊杰 超 凯 波 宇 杰 旭 鑫 晨 志鹏 文博 佳伟 子豪 泽宇 明轩",
    ("M", 3): "浩然 子轩 宇航 梓豪 俊熙 一诺 奕辰 沐阳 皓轩 铭泽 若谷 知行 景行 嘉树 亦凡 书言",
    ("F", 0): "秀英 桂英 秀兰 玉兰 凤英 玉珍 桂兰 淑珍 春兰 秀珍 佩芬 美珍 素芬 月英 翠花 惠芳 雅琴 桂香",
    ("F", 1): "丽 敏 静 芳 艳 红 玲 霞 燕 娟 萍 丽华 美玲 晓雯 建芳 海燕 秋菊 慧敏",
    ("F", 2): "婷 倩 雪 洁 莹 丹 琳 佳 晶 欣怡 雨婷 思琪 梦婷 晓彤 雅静 诗涵 文静 佳慧",
    ("F", 3): "子涵 欣妍 梓萱 雨桐 可馨 诗琪 语桐 若汐 一诺 沐瑶 知夏 清妍 书瑶 予安 念初 安然",
}
_PREFIXES = (
    "134 135 136 137 138 139 150 151 152 157 158 159 182 183 187 188 130 131 132 155 156 186 133 153 180 189"
)
# Areas around the hospital: district, then its communities.
AREAS = {
    "杏林区": "梧桐里 南浦街 望江 育才 滨河 老城厢",
    "临湖区": "湖心 柳岸 芦花荡 听雨 临湖新城",
    "青山区": "石矶 翠微 钢花 青山湖 红枫",
    "高新区": "创智 软件园 云溪 未来城",
    "新港区": "码头 海关路 渔人 新港花园",
    "石桥县": "城关镇 石桥镇 东河乡 西山乡",
}
_AREA_WEIGHTS = {"杏林区": 38, "临湖区": 20, "青山区": 16, "高新区": 13, "新港区": 8, "石桥县": 5}
OCCUPATIONS = "企业职员 教师 个体经营 退休 工人 司机 公务员 学生 农民 工程师 销售 自由职业"


class Names:
    """Draws people; the same ``Random`` state gives the same people."""

    def __init__(self, random: Random) -> None:
        self.random = random
        pairs = [(part.rstrip("0123456789"), part) for part in _FAMILY.split()]
        self.families = [name for name, _ in pairs]
        self.family_weights = list(accumulate(int(part[len(name) :]) for name, part in pairs))
        self.given = {key: text.split() for key, text in _GIVEN.items()}
        self.prefixes = _PREFIXES.split()
        self.areas = [(district, text.split()) for district, text in AREAS.items()]
        self.area_weights = list(accumulate(_AREA_WEIGHTS[district] for district in AREAS))
        self.occupations = OCCUPATIONS.split()

    def family(self) -> str:
        return self.random.choices(self.families, cum_weights=self.family_weights)[0]

    def full(self, sex: str, born: int) -> str:
        """A name as people born in that year were given."""
        fashion = 0 if born < 1962 else 1 if born < 1983 else 2 if born < 2005 else 3
        return self.family() + self.random.choice(self.given[sex, fashion])

    def phone(self, number: int) -> str:
        """The demo's ``number``-th phone, all different: prefixes of real form, the rest a permutation."""
        prefix = self.prefixes[number % len(self.prefixes)]
        return f"{prefix}{(number * 7_654_321 + 1_234_567) % 100_000_000:08d}"

    def birth_date(self, today: date) -> date:
        """The age curve of an outpatient department: children, mothers, and many over fifty."""
        low, high = self.random.choices(
            [(0, 7), (7, 18), (18, 26), (26, 40), (40, 55), (55, 70), (70, 92)],
            cum_weights=[9, 14, 21, 45, 66, 89, 100],
        )[0]
        return today - timedelta(days=self.random.randrange(low * 365, high * 365))

    def area(self) -> tuple[str, str]:
        district, communities = self.random.choices(self.areas, cum_weights=self.area_weights)[0]
        return district, self.random.choice(communities)

    def occupation(self, age: int) -> str:
        if age < 6:
            return ""
        return "学生" if age < 22 else "退休" if age > 62 else self.random.choice(self.occupations)


def id_number(random: Random, born: date, sex: str) -> str:
    """A resident number of right form (GB 11643-1999) under an area code that is not given out (990000)."""
    order = random.randrange(0, 1000, 2) + (1 if sex == "M" else 0)
    body = f"990000{born:%Y%m%d}{order % 1000:03d}"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]
