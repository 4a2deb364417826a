"""Our numbers against those of lm-evaluation-harness, Inspect and TRL, on the same model and data: ``make oracle``."""
