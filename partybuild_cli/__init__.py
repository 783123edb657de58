"""partybuild: the record book of a Party branch in a public hospital (党支部党务台账)."""

__version__ = "0.2.0"
