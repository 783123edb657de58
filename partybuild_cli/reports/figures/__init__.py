"""The figures that a branch quotes about itself (数据), each with its definition and the records behind it."""

from partybuild_cli.reports.figures.figure import Figure, rate, summed

__all__ = ["Figure", "rate", "summed"]
