"""What the regulations ask (规则): pure functions over counts and days, with numbers as data."""
