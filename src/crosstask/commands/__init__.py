"""What each entry script does."""
