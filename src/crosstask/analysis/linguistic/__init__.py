"""Linguistic features of examples: what data sets are like, and which examples adapters win and lose."""
