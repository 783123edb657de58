"""What every record type shares: the declaration, and the road that a row travels from a cell to the database."""
