"""The kinds of value (值): day, quantity, choice, people, id number; pure, and below every other room.

A pattern stands as text where it is not asked of every cell: `re` compiles it when the first value needs it, and not at each start.
"""

from partybuild_cli.values.number import Count, CountKind, Number
from partybuild_cli.values.people import IdNumber
from partybuild_cli.values.period import Day, PeriodKind, QuarterKind
from partybuild_cli.values.text import Choice, Name, YesNo

__all__ = ["Choice", "Count", "CountKind", "Day", "IdNumber", "Name", "Number", "PeriodKind", "QuarterKind", "YesNo"]
