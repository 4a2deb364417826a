"""Sweeps: plan, folders, the run of a job, status, and the GPUs of the machine."""
