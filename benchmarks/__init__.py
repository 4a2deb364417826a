"""Our speed against the usual way: ``make bench``."""
