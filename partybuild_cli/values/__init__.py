"""The kinds of value (值): day, quantity, choice, people, id number; pure, and below every other room.

A pattern stands as text where it is not asked of every cell: `re` compiles it when the first value needs it, and not at each start.
"""

from partybuild_cli.values.idnumber import IdNumber as IdNumber
from partybuild_cli.values.number import Count as Count
from partybuild_cli.values.number import CountKind as CountKind
from partybuild_cli.values.number import Number as Number
from partybuild_cli.values.period import Day as Day
from partybuild_cli.values.period import PeriodKind as PeriodKind
from partybuild_cli.values.period import QuarterKind as QuarterKind
from partybuild_cli.values.text import Choice as Choice
from partybuild_cli.values.text import Name as Name
from partybuild_cli.values.text import YesNo as YesNo
