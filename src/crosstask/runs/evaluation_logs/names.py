"""What models and tasks are called: as short as tells them apart."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from crosstask.errors import UserError, hint
from crosstask.runs.evaluation_logs.chosen_runs import differences
from crosstask.runs.evaluation_logs.task_run import TaskRun


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Return the end of each name, behind as few slashes as tell all apart.

    Examples
    --------
    >>> short_names(["models/imdb", "models/goat", "EleutherAI/pythia-160m"])
    {'models/imdb': 'imdb', 'models/goat': 'goat', 'EleutherAI/pythia-160m': 'pythia-160m'}
    >>> short_names(["imdb/last", "goat/last"])
    {'imdb/last': 'imdb/last', 'goat/last': 'goat/last'}
    """
    names = list(dict.fromkeys(names))
    parts = {name: [part for part in name.replace("\\", "/").split("/") if part] or [name] for name in names}
    for count in range(1, max(map(len, parts.values()), default=0) + 1):
        ends = {name: "/".join(parts[name][-count:]) for name in names}
        if len(set(ends.values())) == len(names):
            return ends
    return {name: name for name in names}


def row_names(runs: Sequence[TaskRun]) -> dict[str, str]:
    """Return what the row of each model is called.

    Parameters
    ----------
    runs : sequence of TaskRun
        Every model and task.

    Returns
    -------
    dict of str to str
        ``TaskRun.who`` -> the short name of the model; where several of one name were loaded with other arguments, such
        as a revision, with those that differ: ``pythia-160m(revision=step1000)``.
    """
    shorts = short_names(run.model for run in runs)
    found = {}
    for model, short in shorts.items():
        loaded = {run.who: run.further for run in runs if run.model == model}
        differ = differences(list(loaded.values()))
        for who, further in loaded.items():
            told = ", ".join(f"{name}={further[name]}" for name in differ if name in further)
            found[who] = f"{short}({told})" if told else short
    return found


def sources_of(rows: Iterable[str], given: Mapping[str, str]) -> tuple[dict[str, tuple[str, int | None]], list[str]]:
    """Return the source and seed of each row.

    Parameters
    ----------
    rows : iterable of str
        What they are called.
    given : mapping of str to str
        ``runs.sources``: row -> what its model was trained on. Several of one source are its seeds.

    Returns
    -------
    sources : dict
        Row -> source and seed; a row that is not given is a source of its own, without a seed.
    notes : list of str
        How seeds were numbered.

    Raises
    ------
    UserError
        If a row that is given is not there, or a source is a row of its own besides.
    """
    rows = list(dict.fromkeys(rows))
    for row in given:
        require_known("runs.sources", row, rows, "model")
    by_source: dict[str, list[str]] = {}
    for row in rows:
        by_source.setdefault(given.get(row, row), []).append(row)
    for source, members in by_source.items():
        if len(members) > 1 and source in members and source not in given:
            raise UserError(f"runs.sources: {source} is a model of its own; give it a source, or the others another")
    found: dict[str, tuple[str, int | None]] = {}
    for source, members in by_source.items():
        several = len(members) > 1
        found |= {row: (source, seed if several else None) for seed, row in enumerate(members)}
    told = [f"{source}: {', '.join(m)}" for source, m in by_source.items() if len(m) > 1]
    return found, [
        f"models of one source are its seeds, numbered from 0 in this order: {'; '.join(told)}"
    ] if told else []


def require_known(option: str, name: str, known: Collection[str], kind: str) -> None:
    """Raise unless a name is known.

    Raises
    ------
    UserError
        Naming the option, the name, one like it, and all there are.
    """
    if name not in known:
        raise UserError(f"{option}: no {kind} {name}{hint(name, known)}; there are {', '.join(known)}")
