"""The seeded hospital's campuses, departments and doctors."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.hospital.seeding.names import person_name

CAMPUSES = [{"code": "01", "name": "本部院区"}, {"code": "02", "name": "东院区"}]

# Code, name, kind, campus, place, what is treated.
_DEPARTMENTS = (
    ("0101", "心血管内科", "1", "01", "门诊楼2层A区", "冠心病、高血压、心律失常"),
    ("0102", "呼吸与危重症医学科", "1", "01", "门诊楼2层B区", "慢阻肺、哮喘、肺部感染"),
    ("0103", "消化内科", "1", "01", "门诊楼2层C区", "胃炎、肠病、肝病"),
    ("0104", "神经内科", "1", "01", "门诊楼3层A区", "脑血管病、头痛、癫痫"),
    ("0105", "内分泌科", "1", "01", "门诊楼3层B区", "糖尿病、甲状腺疾病"),
    ("0106", "肾内科", "1", "02", "门诊楼3层A区", "肾炎、肾功能不全"),
    ("0107", "血液内科", "1", "02", "门诊楼3层B区", "贫血、出血性疾病"),
    ("0108", "风湿免疫科", "1", "02", "门诊楼3层C区", "类风湿关节炎、红斑狼疮"),
    ("0201", "普通外科", "2", "01", "门诊楼4层A区", "甲状腺、胃肠、肝胆外科疾病"),
    ("0202", "骨科", "2", "01", "门诊楼4层B区", "骨折、关节病、脊柱疾病"),
    ("0203", "泌尿外科", "2", "01", "门诊楼4层C区", "结石、前列腺疾病"),
    ("0204", "神经外科", "2", "02", "门诊楼4层A区", "颅脑肿瘤、脑外伤"),
    ("0205", "胸外科", "2", "02", "门诊楼4层B区", "肺结节、食管疾病"),
    ("0301", "妇科", "3", "01", "门诊楼5层A区", "妇科炎症、肌瘤、内分泌"),
    ("0302", "产科", "3", "01", "门诊楼5层B区", "孕期检查、高危妊娠"),
    ("0401", "儿科", "4", "01", "儿科楼1层", "小儿呼吸、消化、发热"),
    ("0402", "小儿外科", "4", "02", "儿科楼2层", "疝气、小儿泌尿"),
    ("0501", "中医科", "5", "01", "门诊楼6层A区", "脾胃病、调理"),
    ("0502", "针灸推拿科", "5", "01", "门诊楼6层B区", "颈肩腰腿痛、面瘫"),
    ("0601", "急诊科", "6", "01", "急诊楼1层", None),
    ("0701", "康复医学科", "7", "02", "门诊楼1层", "术后康复、神经康复"),
    ("0901", "眼科", "9", "01", "门诊楼7层A区", "白内障、青光眼、屈光不正"),
    ("0902", "耳鼻咽喉科", "9", "01", "门诊楼7层B区", "鼻炎、中耳炎、眩晕"),
    ("0903", "口腔科", "9", "01", "门诊楼7层C区", "牙体牙髓、种植"),
    ("0904", "皮肤科", "9", "02", "门诊楼5层A区", "湿疹、痤疮、皮肤过敏"),
)
_DOCTORS_A_DEPARTMENT = (8, 11)
_TITLES = ("1", "2", "2", "3", "3", "3", "4")
_EXPERIENCE = {"1": "三十年", "2": "十五年", "3": "八年"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Rows for the tables department and doctor."""

    departments: list[dict[str, Any]]
    doctors: list[dict[str, Any]]


def catalogue(random: Random) -> Catalogue:
    """Return the departments with their doctors; some doctors are off duty."""
    departments = [
        {
            "code": code,
            "name": name,
            "kind": kind,
            "campus_code": campus,
            "location": place,
            "intro": f"主要诊治{treats}。" if treats else None,
        }
        for code, name, kind, campus, place, treats in _DEPARTMENTS
    ]
    doctors: list[dict[str, Any]] = []
    for code, _, _, _, _, treats in _DEPARTMENTS:
        for _ in range(random.randint(*_DOCTORS_A_DEPARTMENT)):
            doctors.append(_doctor(random, f"{len(doctors) + 101:05d}", code, treats))
    return Catalogue(departments, doctors)


def _doctor(random: Random, code: str, dept_code: str, treats: str | None) -> dict[str, Any]:
    sex, title = random.choice("12"), random.choice(_TITLES)
    speciality = None
    if treats is not None and title in _EXPERIENCE:
        speciality = f"从事临床工作{_EXPERIENCE[title]}，擅长{treats}的诊治。"
    return {
        "code": code,
        "name": person_name(random, sex),
        "dept_code": dept_code,
        "sex": sex,
        "title": title,
        "speciality": speciality,
        "on_duty": random.random() < 0.93,
    }
