"""What is kept (台账): one file per record type, and `base`, the machinery that all of them share."""
