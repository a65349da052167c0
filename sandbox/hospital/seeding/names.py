"""Made-up Chinese names. Whoever bears one of them does so by chance."""

from __future__ import annotations

from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯"
)
_COMPOUND_SURNAMES = ("欧阳", "上官", "司徒", "诸葛")
_MALE = "伟强磊军洋勇杰涛明超刚平辉鹏浩宇轩博文俊凯睿志恒远航峰晨旭健"
_FEMALE = "芳娜敏静丽艳娟霞秀玲燕梅琳雪婷慧莹倩颖雅欣怡佳悦萱蕾洁岚璐瑶"
_EITHER = "华晓春云安宁思雨然嘉一子乐清源诗文新"


def person_name(random: Random, sex: str) -> str:
    """Return a name of two to four characters; `sex` by GB/T 2261.1."""
    compound = random.random() < 0.01
    surname = random.choice(_COMPOUND_SURNAMES if compound else _SURNAMES)
    given = _MALE if sex == "1" else _FEMALE
    first = random.choice(given)
    return surname + first + (random.choice(given + _EITHER) if random.random() < 0.7 else "")
