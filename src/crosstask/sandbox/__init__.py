"""Code of models and of data sets, run where it can do no harm; docs/code_execution.md says against what."""
