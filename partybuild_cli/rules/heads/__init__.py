"""The four heads of the self-check (政治功能 支部班子 党员队伍 作用发挥): facts in, items out, whole sets at a time."""
