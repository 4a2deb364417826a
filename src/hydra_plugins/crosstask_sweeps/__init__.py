"""Hydra looks for its plugins in the package ``hydra_plugins``; what they do is in ``crosstask``."""
