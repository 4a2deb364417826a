"""The page of an analysis: one file of HTML that explains itself, opens from a disk and asks nothing of a network."""
