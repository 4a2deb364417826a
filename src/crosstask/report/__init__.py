"""Tables, figures and terminal output of an analysis."""
