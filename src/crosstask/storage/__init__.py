"""The store: files that appear whole or not at all, locks, records."""
