"""What the base model is called under each condition that gains can be over."""

PLAIN, FEW_SHOT, PRIOR_CORRECTED = "base", "few_shot", "prior_corrected"
NAMES = {PLAIN: "base", FEW_SHOT: "base few-shot", PRIOR_CORRECTED: "base prior-corrected"}
"""What tables call each reference."""
MEAN = "mean"
"""What tables call the mean of a target over sources, which gains are over where no base model was run."""
