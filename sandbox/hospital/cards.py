"""Electronic patient cards: making one, finding one by all that it says, telling one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from sandbox.hospital import identity, model
from sandbox.hospital import registration_views as views
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk, Refused

_IDENTITY_CARD = "01"


@dataclass(frozen=True, slots=True)
class Guardian:
    """The adult who answers for a child's card."""

    name: str
    doc_type: str
    doc_no: str


@dataclass(frozen=True, slots=True)
class Application:
    """What a platform says of the person who wants a card."""

    name: str
    doc_type: str
    doc_no: str
    phone: str
    sex_code: str | None
    birth_date: date | None
    verify_method: str
    verify_time: datetime
    relation: str
    guardian: Guardian | None


def create(desk: Desk, application: Application) -> Reply:
    """Make a card; sex and birth date of an identity card's holder are its number's."""
    sex, born = _person(application)
    doc_no = application.doc_no.upper()
    guardian = application.guardian
    if identity.age_on(born, desk.today) < desk.rules.guardian_below_age:
        if guardian is None:
            raise Refused("2008", f"未满{desk.rules.guardian_below_age}周岁须登记监护人")
        _check_guardian(guardian)
    # One card after another: a person who is not known yet has no row of their own to lock.
    desk.session.scalars(select(model.Founding).with_for_update()).one()
    known = desk.session.scalars(
        select(model.Card).where(
            model.Card.doc_type == application.doc_type, model.Card.doc_no == doc_no
        )
    ).one_or_none()
    if known is not None and known.name != application.name:
        raise Refused("2012", "姓名与证件信息不符")
    if known is not None:
        raise Refused("2011", "该就诊人已建卡")
    row = model.Card(
        card_no=f"{secrets.randbelow(10**10):012d}",
        name=application.name,
        doc_type=application.doc_type,
        doc_no=doc_no,
        phone=application.phone,
        sex=sex,
        birth_date=born,
        verify_method=application.verify_method,
        verify_time=application.verify_time,
        relation=application.relation,
        guardian_name=guardian.name if guardian else None,
        guardian_doc_type=guardian.doc_type if guardian else None,
        guardian_doc_no=guardian.doc_no.upper() if guardian else None,
        create_time=desk.now,
    )
    desk.session.add(row)
    desk.effect("card-created", card_no=row.card_no)
    desk.session.flush()
    return views.found(Card=views.card(row))


def find(desk: Desk, name: str, doc_type: str, doc_no: str, phone: str) -> Reply:
    """Find a card by name, document and phone together; every miss is answered alike."""
    row = desk.session.scalars(
        select(model.Card).where(
            model.Card.doc_type == doc_type,
            model.Card.doc_no == doc_no.upper(),
            model.Card.name == name,
            model.Card.phone == phone,
        )
    ).one_or_none()
    return views.found(Card=views.card(row) if row else None)


def query(desk: Desk, card_no: str) -> Reply:
    """Tell a card by its number."""
    row = desk.session.get(model.Card, card_no)
    return views.found(Card=views.card(row) if row else None)


def _person(application: Application) -> tuple[str, date]:
    """Return sex and birth date, from the identity number where there is one."""
    said_sex, said_born = application.sex_code, application.birth_date
    if application.doc_type != _IDENTITY_CARD:
        if said_sex is None or said_born is None:
            raise Refused("2008", "非身份证建卡须填写性别和出生日期")
        return said_sex, said_born
    number = application.doc_no.upper()
    if not identity.is_valid(number):
        raise Refused("2008", "身份证号码有误")
    sex, born = identity.sex_code(number), identity.birth_date(number)
    if said_sex not in (None, sex) or said_born not in (None, born):
        raise Refused("2012", "性别或出生日期与身份证号码不符")
    return sex, born


def _check_guardian(guardian: Guardian) -> None:
    if guardian.doc_type == _IDENTITY_CARD and not identity.is_valid(guardian.doc_no.upper()):
        raise Refused("2008", "监护人身份证号码有误")
