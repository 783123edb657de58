"""The kinds of value (值): day, quantity, choice, people, id number; pure, and below every other room."""

from partybuild_cli.values.choice import Choice, YesNo
from partybuild_cli.values.idnumber import IdNumber
from partybuild_cli.values.kind import Kind
from partybuild_cli.values.number import Count, CountKind, Number
from partybuild_cli.values.people import People
from partybuild_cli.values.text import Name, Text
from partybuild_cli.values.when import Day, PeriodKind, QuarterKind

__all__ = [
    "Choice",
    "Count",
    "CountKind",
    "Day",
    "IdNumber",
    "Kind",
    "Name",
    "Number",
    "People",
    "PeriodKind",
    "QuarterKind",
    "Text",
    "YesNo",
]
