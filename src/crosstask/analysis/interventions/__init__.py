"""What runs on a source with one property changed score beside those on the source as it is."""
