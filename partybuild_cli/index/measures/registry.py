"""Which function answers for which measure of the catalogue (数据项登记)."""

from collections.abc import Callable

from partybuild_cli.index.measures import conduct, duties, learning, meetings, works
from partybuild_cli.index.measures.source import Asked, Plan

#: `metric` is not among them: it is looked up by subject, not summed (see metric.py).
PLANS: dict[str, Callable[[Asked], Plan]] = {
    "study_hours": learning.study_hours,
    "self_study_months": learning.self_study_months,
    "lectures": learning.lectures,
    "training": learning.training,
    "attendance": meetings.attendance,
    "dues_months": duties.dues_months,
    "talks": duties.talks,
    "tasks": duties.tasks,
    "complaints": conduct.complaints,
    "honors": works.honors,
    "service": works.service,
    "posts": works.posts,
    "pairing": works.pairing,
    "conduct": conduct.conduct,
    "unexcused": meetings.unexcused,
    "dues_overdue": duties.dues_overdue,
    "tasks_overdue": duties.tasks_overdue,
}
METRIC = "metric"
