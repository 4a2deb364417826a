"""The row of the matrix that a job makes: worked out from its settings and its data, without loading the base model."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crosstask.config.asked import asked, asked_otherwise
from crosstask.config.flat import columns
from crosstask.config.inputs import ControlTokens, Leakage, Precision
from crosstask.config.job import TrainConfig, row_name, sources
from crosstask.config.known_sources import known_sources
from crosstask.config.task import Task
from crosstask.config.task_files import scored_data_sets
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
from crosstask.models import base_model
from crosstask.models.architecture import linear_layers
from crosstask.models.control_tokens import count_control_tokens
from crosstask.models.external import find_external
from crosstask.models.loading import skeleton, tokenizer
from crosstask.storage.store import Store
from crosstask.training.recipe import Recipe, TrainingSettings, recipe, settings

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
    holds = _ControlTokens(config)
    targets = {name: holds.target(read_target(found, config)) for name, found in scorers.items()}
    trained = _train_examples(config, sources(config), targets)
    leaked = {name: count_leaked(_joined(trained), target.examples) for name, target in targets.items()}
    return MatrixRow(
        names=_names(config),
        base=base,
        recipe=_recipe(config, base, trained, holds) if trained else None,
        targets=targets,
        data_id=find_data_id(Store(config.store), config.data, config.target),
        settings=settings(config),
        config=columns(config),
        data_sets=_data_sets(config, trained or _known_examples(config), targets),
        encoder=encoder_identity(config.encoder) if config.encoder else None,
        features={kind: measure.identity for kind, measure in measures(config.parser).items()},
        leaked={name: count for name, count in leaked.items() if count},
        asked=asked_otherwise(config.scoring),
        external=find_external(config.adapter, config.model) if config.adapter.path is not None else None,
    )


def possible_rows(config: TrainConfig) -> list[MatrixRow]:
    """Return the row that a job makes, once for each precision that a machine may choose for its base model."""
    auto = config.model.precision is Precision.auto
    precisions = [Precision.float32, Precision.bfloat16] if auto else [config.model.precision]
    return [matrix_row(replace(config, model=replace(config.model, precision=precision))) for precision in precisions]


@dataclass(frozen=True)
class _ControlTokens:
    """Which rows of a job hold control tokens of its base model that are read as plain text."""

    config: TrainConfig

    def some(self, examples: Iterable[Example], *texts: str) -> bool:
        """Tell whether any of the examples, or of further texts, hold one."""
        if self.config.data.control_tokens is ControlTokens.keep:
            return False
        every = (*texts, *(text for example in examples for text in example.texts))
        return any(count_control_tokens(tokenizer(base_model.model_folder(self.config.model)), every))

    def target(self, target: Target) -> Target:
        """Return a target that tells."""
        return replace(target, plain=self.some(target.examples, target.content_free or "", *target.scorer.task.labels))


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
    return _train_examples(config, known_sources(config.adapter), {})


def _train_examples(
    config: TrainConfig, trained_on: Mapping[str, Task], targets: Mapping[str, Target]
) -> dict[str, list[Example]]:
    """Return the training examples of each source; nothing for the base model."""
    excluded: set[str] = set()
    if config.data.leakage is Leakage.exclude:
        tested = {example.content for target in targets.values() for example in target.examples}
        excluded = {content for content in tested if not is_short(content)}
    scored = [*scored_data_sets(), *(task.dataset for task in config.target.values())]
    trained = {
        name: train_examples(name, task, config.data, scored, frozenset(excluded)) for name, task in trained_on.items()
    }
    for name, examples in trained.items():
        check_references(name, trained_on[name], examples)
    return trained


def read_target(found: Scorer, config: TrainConfig) -> Target:
    """Return what a target is scored on."""
    name, task = found.name, found.task
    examples = test_examples(name, task, config.data)
    check_references(name, task, examples)
    found.check_examples(examples)
    content_free = content_free_prompt(name, task, config.data) if found.needs_content_free else None
    return Target(found, examples, content_free, config.scoring, config.judge if found.needs_judge else None)


def _recipe(config: TrainConfig, base: str, trained: Mapping[str, list[Example]], holds: "_ControlTokens") -> Recipe:
    """Return what makes the adapter of a job."""
    training = TrainingSettings(config.lora, config.optimizer, config.trainer, config.seed)
    examples, validation = _joined(trained), _validation(config, trained)
    content = recipe(config, base, trained, holds.some([*examples, *validation]), validation)
    return Recipe(content, examples, training, validation)


def _validation(config: TrainConfig, trained: Mapping[str, list[Example]]) -> list[Example]:
    """Return the examples of validation splits that the adapter is evaluated on: a share of each source's rows.

    There are none unless every source has such a split; then those held out are training rows.
    """
    share = config.trainer.held_out
    if not share:
        return []
    found = {
        name: validation_examples(name, task, config.data, max(1, round(share * len(trained[name]))))
        for name, task in sources(config).items()
    }
    without = [name for name, examples in found.items() if examples is None]
    if 0 < len(without) < len(found):
        names = ", ".join(without)
        log.info("trainer.held_out=%s: held out of the training rows; no validation split: %s", share, names)
    if without:
        return []
    for name, examples in found.items():
        check_references(name, sources(config)[name], examples or ())
    return _joined({name: examples or [] for name, examples in found.items()})


def _joined(trained: Mapping[str, list[Example]]) -> list[Example]:
    """Return the training examples of all sources, one source after the other."""
    return [example for examples in trained.values() for example in examples]


def _data_sets(
    config: TrainConfig, trained: Mapping[str, list[Example]], targets: Mapping[str, Target]
) -> dict[str, dict[str, DataSetText]]:
    """Return the text of a job's data sets, by role and name; of a mixture as one data set."""
    tasks = sources(config) | known_sources(config.adapter)
    labels = sorted({label for task in tasks.values() for label in task.labels})
    return {
        "source": {row_name(config): DataSetText(_joined(trained), labels)} if trained else {},
        "target": {
            name: DataSetText(list(target.examples), target.scorer.task.labels) for name, target in targets.items()
        },
    }
