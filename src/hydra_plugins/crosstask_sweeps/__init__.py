"""Hydra looks for its plugins in the package ``hydra_plugins``; their work is done in ``crosstask``."""
