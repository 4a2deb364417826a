"""crosstask: which fine-tuning data helps or hurts which task of a language model, and why."""

import os

# Set before torch is imported anywhere. By default OpenMP's threads spin while they wait for one another; on a machine
# that does anything else at the same time, a small model then becomes tens of times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
