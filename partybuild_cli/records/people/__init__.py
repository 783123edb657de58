"""What concerns the people of the roster alone (党员): who is who, where they belong, and how one is forgotten."""
