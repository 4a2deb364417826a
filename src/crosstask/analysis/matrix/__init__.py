"""From cells to the transfer matrix: choice of runs, keys of rows, order of tasks, scores, answers, means, errors."""
