"""What a scheme measures (数据项): one file a theme, each measure declared in one place with its query."""

from partybuild_cli.index.measures import duties, works
from partybuild_cli.index.measures.declare import MEASURES

__all__ = ["MEASURES", "duties", "works"]
