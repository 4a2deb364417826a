"""From cells to the transfer matrix: choice of runs, scores, answers, names of rows, order of tasks."""
