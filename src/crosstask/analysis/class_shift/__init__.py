"""Class distribution: whether an adapter leans towards some labels, where from, and what of a gain that explains."""
