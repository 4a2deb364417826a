"""Sources with one property changed: pure functions of training examples."""
