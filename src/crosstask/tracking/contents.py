"""What goes into a W&B run: columns, summary, tables and artifacts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import wandb

from crosstask.fingerprint import fingerprint
from crosstask.paths import without_home
from crosstask.storage.compact_answers import without_words
from crosstask.storage.profile_files import read_profile, write_profile
from crosstask.tracking.analysis_report import AnalysisReport
from crosstask.tracking.curve import STEP, Curve
from crosstask.tracking.report import Report
from crosstask.tracking.row_report import ANSWERS, PREDICTIONS, RECORD_ID, RowReport
from crosstask.tracking.staging import linked

VIEW = "view/"
"""Begins the keys of plots, so that they come after all else that goes by the alphabet."""
PAGE = "report"
"""Key of the page of an analysis, and its name within the artifact."""
PROFILES = "profiles"
"""Folder within the artifact of a row's answers with what its data sets look like."""
FEATURES = "features"
"""Folder within it with features of their examples."""


def define_axes(run: Any) -> None:
    """Give the training's metrics an x axis of their own."""
    run.define_metric(STEP)
    run.define_metric("train/*", step_metric=STEP)


def send_curve(run: Any, curve: Curve, first: int) -> None:
    """Send every step from one on; a run that was resumed knows what it has, and the client leaves it out."""
    latest: dict[str, Any] = {}
    for step, metrics in curve.rows().items():
        latest |= metrics
        if step >= first:
            run.log(metrics, step=step)
    run.summary.update(latest)


@dataclass(frozen=True)
class Delivery:
    """How a report goes into a run."""

    timeout: float | None = None
    """Seconds to wait until the server has the artifacts; None where there is no server to wait for."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """What the run's history has already of the scores that are logged once, by key."""
    links: Path | None = None
    """Folder of links by which files are found; None leaves them their own paths, for a run that is sent later."""


def send(run: Any, report: Report, delivery: Delivery) -> None:
    """Send all that a report says to an open run.

    Parameters
    ----------
    run
        An open W&B run.
    report
        A row or an analysis.
    delivery
        How it goes there.

    Raises
    ------
    Exception
        Whatever the client raises where the server does not take something.
    """
    if isinstance(report, RowReport):
        _send_row(run, report, delivery)
    elif isinstance(report, AnalysisReport):
        _send_analysis(run, report, delivery)


def _send_row(run: Any, report: RowReport, delivery: Delivery) -> None:
    """Send the columns, the scores, the plots, the summary and the artifacts of a row."""
    run.config.update(report.config(), allow_val_change=True)
    logged = [run.log_artifact(artifact, aliases=aliases) for artifact, aliases in _artifacts(report, delivery.links)]
    new = {key: score for key, score in report.scores_by_key().items() if delivery.scores.get(key) != score}
    if row := new | _confusions(report):
        run.log(row)
    run.summary.update(report.summary() | report.scores_by_key())
    if delivery.timeout is not None:
        for artifact in logged:
            artifact.wait(timeout=delivery.timeout)


def _send_analysis(run: Any, report: AnalysisReport, delivery: Delivery) -> None:
    """Send the tables, the figures, the page and the files of an analysis."""
    run.config.update({RECORD_ID: report.id}, allow_val_change=True)
    tables = {path.stem: pd.read_csv(path) for path in report.paths if path.suffix == ".csv"}
    figures = {path.stem: path for path in report.paths if path.suffix == ".png"}
    run.log(
        {f"tables/{name}": wandb.Table(dataframe=frame) for name, frame in tables.items()}
        | {f"figures/{name}": wandb.Image(str(path)) for name, path in figures.items()}
        | ({} if report.page is None else {PAGE: wandb.Html(report.page.decode(), inject=False)})
    )
    found = {f"findings/{section}": "\n".join(lines) for section, lines in report.findings.items() if lines}
    run.summary.update({"notes": "\n".join(report.notes), **found})
    artifact = wandb.Artifact("analysis", "analysis", metadata={"notes": list(report.notes)})
    for path in report.paths:
        artifact.add_file(str(path))  # a copy: the next analysis may write the file anew before this one is sent
    if report.page is not None:
        with artifact.new_file(f"{PAGE}.html", mode="wb") as file:
            file.write(report.page)
    logged = run.log_artifact(artifact, aliases=[report.id])
    if delivery.timeout is not None:
        logged.wait(timeout=delivery.timeout)


def _table(frame: pd.DataFrame) -> Any:
    """Return a table as W&B has it."""
    data = [[_plain(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return wandb.Table(columns=list(frame.columns), data=data, allow_mixed_types=True)


def _plain(value: Any) -> Any:
    """Return a value of a table without NumPy."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return None if isinstance(value, float) and value != value else value


def _confusions(report: RowReport) -> dict[str, Any]:
    """Return the confusion matrices of the closed targets."""
    return {
        f"{VIEW}confusion/{target}": wandb.plot.confusion_matrix(
            y_true=[labels.index(label) for label in answers["gold"]],
            preds=[labels.index(label) for label in answers["prediction"]],
            class_names=list(labels),
            title=f"{target}: {report.record.source}",
        )
        for target, labels, answers in report.confusions()
    }


def _artifacts(report: RowReport, links: Path | None) -> list[tuple[Any, list[str]]]:
    """Return the artifacts with their aliases: answers, tables of them, and the adapter where it was trained here."""
    record = report.record
    cells = {target: record.cells[target].to_json() for target in report.answers}
    metadata = {name: getattr(record, name) for name in ("run", "source", "seed", "base", "adapter")}
    answers = wandb.Artifact(answers_name(record.run), "answers", metadata={**metadata, "cells": cells})
    for target, folder in sorted(report.answers.items()):
        for path in sorted(folder.iterdir()):
            if report.texts_off and path.name == ANSWERS:
                with answers.new_file(f"{target}/{path.name}", mode="wb") as file:
                    report.sent_answers(target).to_parquet(file, index=False, write_page_checksum=True)
            else:
                _add(answers, path, f"{target}/{path.name}", links)
    for path in report.profiles:
        if report.texts_off:
            with answers.new_file(f"{PROFILES}/{path.name}", mode="wb") as file:
                write_profile(file, path.name, without_words(read_profile(path).to_pandas()))
        else:
            _add(answers, path, f"{PROFILES}/{path.name}", links)
    for path in report.features:
        _add(answers, path, f"{FEATURES}/{path.name}", links)
    found = [(answers, [report.id]), (_tables(report), [report.id]), *_examples(report, links)]
    if report.adapter is not None and report.training is not None:
        content = report.training.content
        adapter = wandb.Artifact(
            adapter_name(report.adapter.name), "adapter", metadata={**metadata, "content": content}
        )
        for path in sorted(report.adapter.iterdir()):
            _add(adapter, path, path.name, links)
        found.append((adapter, [content]))
    return found


def _examples(report: RowReport, links: Path | None) -> list[tuple[Any, list[str]]]:
    """Return the artifact with the prompts of a row's columns: the same for all rows with these columns.

    The server keeps one of the same name and content once, whichever runs log it.
    """
    if report.texts_off or not report.examples:
        return []
    examples = wandb.Artifact(examples_name(report.record.examples.values()), "examples")
    for name, path in sorted(report.examples.items()):
        _add(examples, path, f"{name}.parquet", links)
    return [(examples, [])]


def _tables(report: RowReport) -> Any:
    """Return the artifact with tables; in the run itself their sizes and paths would crowd out the scores."""
    tables = wandb.Artifact(f"tables-{report.record.run}", "tables", metadata={"predictions": PREDICTIONS})
    tables.add(_table(report.targets()), "targets")
    for target, frame in report.predictions():
        tables.add(_table(frame), f"predictions/{target}")
    return tables


def _add(artifact: Any, path: Path, name: str, links: Path | None) -> None:
    """Add a file, which never changes, to an artifact without a copy.

    An adapter's configuration names the folder of its base model: one in the user's home is written as ``~``.
    """
    text = path.read_text(encoding="utf-8") if path.suffix == ".json" else ""
    if (public := without_home(text)) != text:
        with artifact.new_file(name, encoding="utf-8") as file:
            file.write(public)
    else:
        found = path.resolve()
        artifact.add_file(str(linked(found, links) if links else found), name=name, policy="immutable")


def adapter_name(recipe: str) -> str:
    """Return the name of the artifact with an adapter."""
    return f"adapter-{recipe}"


def examples_name(columns: Iterable[str]) -> str:
    """Return the name of the artifact with the prompts of columns, given by the fingerprints of their examples."""
    return f"examples-{fingerprint(sorted(set(columns)))}"


def answers_name(run: str) -> str:
    """Return the name of the artifact with the answers of a row."""
    return f"answers-{run}"
