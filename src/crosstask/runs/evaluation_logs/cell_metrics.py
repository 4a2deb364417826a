"""What logs tell of a cell besides its score, as metrics."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from crosstask.runs.evaluation_logs.chosen_runs import Cell
from crosstask.runs.evaluation_logs.task_run import Classes, Measure


def cell_metrics(cell: Cell, measure: Measure, places: NDArray[np.intp]) -> dict[str, float]:
    """Return the metrics of a cell.

    Parameters
    ----------
    cell : Cell
        One model on one task.
    measure : Measure
        What its samples are scored by.
    places : ndarray
        Those that count, among its samples.

    Returns
    -------
    dict of str to float
        ``printed/<measure>``: what the tool printed, over all its samples. Shares of labels, ``macro_f1`` and ``kappa``
        of a task with labels, ``chance`` of one with options; lengths and flaws of generated texts.
    """
    found = {
        f"printed/{_path(one, name)}": value
        for one, of_one in cell.run.printed.items()
        for name, value in of_one.items()
    }
    found |= cell.samples.metrics.get(measure, {})
    classes = cell.samples.classes.get(measure)
    return found if classes is None else found | _of_classes(classes, places)


def gold_counts(classes: Classes | None, places: NDArray[np.intp]) -> dict[str, int]:
    """Return how many samples have each label, in the order of the labels; nothing where samples have own options."""
    if classes is None or classes.own_options:
        return {}
    counts = Counter(classes.gold[places].tolist())
    return {label: counts[place] for place, label in enumerate(classes.labels)}


def _path(measure: Measure, name: str) -> str:
    """Measure and number; once where they are the same word."""
    return str(measure) if measure.metric == name else f"{measure}/{name}"


def _of_classes(classes: Classes, places: NDArray[np.intp]) -> dict[str, float]:
    """Shares of the labels chosen, and how they go with the right ones."""
    from sklearn.metrics import cohen_kappa_score, f1_score

    gold, chosen, numbers = classes.gold[places], classes.chosen[places], list(range(len(classes.labels)))
    found = {f"predicted/{label}": float((chosen == place).mean()) for place, label in enumerate(classes.labels)}
    if classes.own_options:
        return {**found, "chance": float((1 / classes.options[places]).mean())}
    constant = len({*gold.tolist(), *chosen.tolist()}) == 1  # kappa is then 0 / 0, and sklearn warns
    return {
        **found,
        "macro_f1": float(f1_score(gold, chosen, labels=numbers, average="macro", zero_division=0)),
        "kappa": float("nan") if constant else float(cohen_kappa_score(gold, chosen, labels=numbers)),
    }
