"""What the hospital offers: departments, doctors, sessions and their slots."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from sandbox.hospital import model
from sandbox.hospital import registration_types as wire
from sandbox.hospital import registration_views as views
from sandbox.hospital.availability import left_in_sessions, left_in_slots
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import Desk, Refused

_LONGEST_SPAN = timedelta(days=31)


def departments(desk: Desk) -> Reply:
    """List the departments, by code."""
    rows = desk.session.execute(
        select(model.Department, model.Campus)
        .join(model.Campus, model.Campus.code == model.Department.campus_code)
        .order_by(model.Department.code)
    )
    told = [views.department(row, campus) for row, campus in rows]
    return views.found(DepartmentList=wire.DepartmentList(Department=told) if told else None)


def doctors(desk: Desk, dept_code: str) -> Reply:
    """List a department's doctors, by code."""
    rows = desk.session.execute(
        select(model.Doctor, model.Department)
        .join(model.Department, model.Department.code == model.Doctor.dept_code)
        .where(model.Doctor.dept_code == dept_code)
        .order_by(model.Doctor.code)
    )
    told = [views.doctor(row, of) for row, of in rows]
    return views.found(DoctorList=wire.DoctorList(Doctor=told) if told else None)


def doctor(desk: Desk, doctor_code: str) -> Reply:
    """Tell a doctor by code."""
    row = desk.session.get(model.Doctor, doctor_code)
    if row is None:
        return views.found()
    of = desk.session.get_one(model.Department, row.dept_code)
    return views.found(Doctor=views.doctor(row, of))


def schedules(
    desk: Desk, dept_code: str | None, doctor_code: str | None, start_date: date, end_date: date
) -> Reply:
    """List sessions between two dates, as far ahead as the calendar is shown."""
    desk.require_open("SCHEDULE")
    if end_date < start_date or end_date - start_date > _LONGEST_SPAN:
        raise Refused("2008", "查询日期范围有误")
    shown_until = desk.today + timedelta(days=desk.rules.days_ahead)
    query = (
        select(model.Schedule, model.Department, model.Campus, model.Doctor)
        .join(model.Department, model.Department.code == model.Schedule.dept_code)
        .join(model.Campus, model.Campus.code == model.Department.campus_code)
        .outerjoin(model.Doctor, model.Doctor.code == model.Schedule.doctor_code)
        .where(
            model.Schedule.clinic_date >= start_date,
            model.Schedule.clinic_date <= min(end_date, shown_until),
        )
        .order_by(model.Schedule.clinic_date, model.Schedule.period, model.Schedule.code)
    )
    if dept_code is not None:
        query = query.where(model.Schedule.dept_code == dept_code)
    if doctor_code is not None:
        query = query.where(model.Schedule.doctor_code == doctor_code)
    rows = desk.session.execute(query).all()
    remaining = left_in_sessions(desk.session, [row[0] for row in rows], desk.channel, desk.now)
    told = [
        views.schedule(row, of, campus, by, remaining[row.code], desk.now)
        for row, of, campus, by in rows
    ]
    return views.found(ScheduleList=wire.ScheduleList(Schedule=told) if told else None)


def slots(desk: Desk, schedule_code: str) -> Reply:
    """List a session's slots, by start."""
    desk.require_open("SCHEDULE")
    schedule = desk.session.get(model.Schedule, schedule_code)
    if schedule is None:
        return views.found()
    remaining = left_in_slots(desk.session, schedule, desk.channel, desk.now)
    rows = desk.session.scalars(
        select(model.Slot)
        .where(model.Slot.schedule_code == schedule_code)
        .order_by(model.Slot.start_time, model.Slot.code)
    )
    told = [views.slot(row, schedule, remaining[row.code], desk.now) for row in rows]
    return views.found(SlotList=wire.SlotList(Slot=told) if told else None)
