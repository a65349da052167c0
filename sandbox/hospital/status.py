"""What the hospital says about itself: its rules, its time and what is open."""

from __future__ import annotations

from sandbox.hospital import registration_types as wire
from sandbox.hospital import registration_views as views
from sandbox.hospital.operations import Reply
from sandbox.hospital.platform import FUNCTIONS, Desk


def rules(desk: Desk) -> Reply:
    """Tell the booking rules."""
    current = desk.rules
    return views.found(
        Rules=wire.Rules(
            ReleaseTime=f"{current.release_time:%H:%M}",
            DaysAhead=current.days_ahead,
            CancelBeforeMinutes=current.cancel_before_minutes,
            TakeNumberOpensMinutes=current.take_number_opens_minutes,
            TakeNumberClosesMinutes=current.take_number_closes_minutes,
            HoldMinutes=current.hold_minutes,
            PayMinutes=current.pay_minutes,
            MaxOrdersPerDay=current.max_orders_per_day,
            MaxOrdersPerPeriod=current.max_orders_per_period,
            NoShowLimit=current.no_show_limit,
            NoShowBlockDays=current.no_show_block_days,
        )
    )


def functions(desk: Desk) -> Reply:
    """Tell the hospital's time and which functions are open."""
    told = [
        wire.Function(
            FunctionCode=function,
            Open=views.yes_no(function not in desk.closed),
            ReopenTime=desk.closed.get(function),
        )
        for function in FUNCTIONS
    ]
    return views.found(HospitalTime=desk.now, FunctionList=wire.FunctionList(Function=told))
