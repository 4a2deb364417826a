"""What the base model is called under each condition that gains can be over."""

PLAIN, FEW_SHOT, PRIOR_CORRECTED = "base", "few_shot", "prior_corrected"
NAMES = {PLAIN: "base", FEW_SHOT: "base few-shot", PRIOR_CORRECTED: "base prior-corrected"}
"""What tables call each reference."""
