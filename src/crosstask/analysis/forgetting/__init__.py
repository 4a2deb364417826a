"""Forgetting: what of the base model's abilities fine-tuning on something else keeps."""
