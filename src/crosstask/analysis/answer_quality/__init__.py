"""Quality of answers: whether a score is about the task, or about the form of what the model says."""
