"""Tables and findings in the terminal."""
