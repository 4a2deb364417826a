"""Models of the gain: which properties of sources, targets and pairs go with transfer, and how little they explain."""
