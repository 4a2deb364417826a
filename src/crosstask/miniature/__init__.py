"""A small world for offline use: seeded data sets like the real ones and a language model trained on their text."""
