"""The row of the matrix that a job makes: worked out from its settings and its data, without loading the base model."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from crosstask.config.asked import asked, asked_otherwise
from crosstask.config.flat import columns
from crosstask.config.inputs import Leakage, Precision
from crosstask.config.job import TrainConfig, row_name, sources
from crosstask.config.known_sources import known_sources
from crosstask.config.task import Task
from crosstask.config.task_files import scored_data_sets
from crosstask.config.variant import RENAMED
from crosstask.data.content import count_leaked, is_short
from crosstask.data.drawn_examples import content_free_prompt, test_examples, train_examples, validation_examples
from crosstask.data.examples import Example
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.evaluation.scorers.registry import check_references, scorer
from crosstask.features.data_sets import DataSetText
from crosstask.features.measuring import measures
from crosstask.features.sentence_encoder import encoder_identity
from crosstask.jobs.data_identity import find_data_id
from crosstask.jobs.row import MatrixRow, RowNames
from crosstask.jobs.trained_on import ControlTokenRows, joined, read_trained
from crosstask.models import base_model
from crosstask.models.architecture import linear_layers
from crosstask.models.external import find_external
from crosstask.models.loading import skeleton
from crosstask.storage.store import Store
from crosstask.training.recipe import settings

log = logging.getLogger(__name__)


def matrix_row(config: TrainConfig) -> MatrixRow:
    """Read the data of a job and work out what it is about.

    Raises
    ------
    UserError
        If the model, the encoder, the parser or the data are not there, a target cannot be scored, or a row does not
        fit its task.
    """
    config = asked(config)
    scorers = {name: scorer(name, task) for name, task in config.target.items()}
    base = base_model.identity(config.model)
    config = _with_layers(config)
    holds = ControlTokenRows(config)
    targets = {name: holds.target(read_target(found, config)) for name, found in scorers.items()}
    made = read_trained(config, base, _SourceRows(targets), holds)
    leaked = {name: count_leaked(joined(made.examples), target.examples) for name, target in targets.items()}
    return MatrixRow(
        names=_names(config),
        base=base,
        recipe=made.recipe,
        targets=targets,
        data_id=find_data_id(Store(config.store), config.data, config.target),
        settings=settings(config),
        config=columns(config),
        data_sets=_data_sets(config, made.examples or _known_examples(config), targets),
        encoder=encoder_identity(config.encoder) if config.encoder else None,
        features={kind: measure.identity for kind, measure in measures(config.parser).items()},
        leaked={name: count for name, count in leaked.items() if count},
        asked=asked_otherwise(config.scoring),
        external=find_external(config.adapter, config.model) if config.adapter.path is not None else None,
        variant=made.variant,
    )


def possible_rows(config: TrainConfig) -> list[MatrixRow]:
    """Return the row that a job makes, once for each precision that a machine may choose for its base model."""
    auto = config.model.precision is Precision.auto
    precisions = [Precision.float32, Precision.bfloat16] if auto else [config.model.precision]
    return [matrix_row(replace(config, model=replace(config.model, precision=precision))) for precision in precisions]


def _with_layers(config: TrainConfig) -> TrainConfig:
    """Return a job with the names of the layers that get an adapter, which depend on the base model where none are
    named.
    """
    if config.lora.target_modules is not None:
        return config
    names = linear_layers(skeleton(base_model.model_folder(config.model)))
    return replace(config, lora=replace(config.lora, target_modules=names))


def _names(config: TrainConfig) -> RowNames:
    """Return what people know a job's row by."""
    trained = sources(config) | known_sources(config.adapter)
    home = sorted({task.home or name for name, task in trained.items()})
    return RowNames(row_name(config), home, str(config.model.name), config.data.name, config.tracking.group)


def _known_examples(config: TrainConfig) -> dict[str, list[Example]]:
    """Return examples of each data set that what was made elsewhere is known to be trained on: those that a training
    here would have had, which tell what the data set is like.
    """
    return _SourceRows({}).training(config, known_sources(config.adapter))


@dataclass(frozen=True)
class _SourceRows:
    """Reads the rows of sources; test rows of these targets are not trained on."""

    targets: Mapping[str, Target]

    def training(self, config: TrainConfig, tasks: Mapping[str, Task]) -> dict[str, list[Example]]:
        """Return the training examples of each task; nothing for the base model."""
        excluded: set[str] = set()
        if config.data.leakage is Leakage.exclude:
            tested = {example.content for target in self.targets.values() for example in target.examples}
            excluded = {content for content in tested if not is_short(content)}
        scored = [*scored_data_sets(), *(task.dataset for task in config.target.values())]
        trained = {
            name: train_examples(name, task, config.data, scored, frozenset(excluded)) for name, task in tasks.items()
        }
        for name, examples in trained.items():
            check_references(name, tasks[name], examples)
        return trained

    def validation(self, config: TrainConfig, name: str, count: int) -> list[Example] | None:
        """Return so many examples of a source's validation split; None if it has none."""
        return validation_examples(name, sources(config)[name], config.data, count)


def read_target(found: Scorer, config: TrainConfig) -> Target:
    """Return what a target is scored on."""
    name, task = found.name, found.task
    examples = test_examples(name, task, config.data)
    check_references(name, task, examples)
    found.check_examples(examples)
    content_free = content_free_prompt(name, task, config.data) if found.needs_content_free else None
    return Target(found, examples, content_free, config.scoring, config.judge if found.needs_judge else None)


def _data_sets(
    config: TrainConfig, trained: Mapping[str, list[Example]], targets: Mapping[str, Target]
) -> dict[str, dict[str, DataSetText]]:
    """Return the text of a job's data sets, by role and name; of a mixture as one data set."""
    tasks = sources(config) | known_sources(config.adapter)
    labels = sorted({label for task in tasks.values() for label in task.labels})
    if config.variant.kind in RENAMED:
        labels = sorted({example.answer for example in joined(trained)})
    return {
        "source": {row_name(config): DataSetText(joined(trained), labels)} if trained else {},
        "target": {
            name: DataSetText(list(target.examples), target.scorer.task.labels) for name, target in targets.items()
        },
    }
