"""Every file of conf composes, and what makes no sense is refused."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hydra import compose, initialize_config_dir

from crosstask.commands.overrides import check_overrides
from crosstask.commands.schemas import SCHEMAS
from crosstask.commands.sections import AnalyzeConfig
from crosstask.config import task_files
from crosstask.config.groups import option_meaning
from crosstask.config.job import TrainConfig, row_name, sources, title
from crosstask.config.parsing import parse
from crosstask.config.task import Role
from crosstask.errors import UserError
from crosstask.miniature.rows import GENERATORS
from crosstask.training.recipe import settings

PAPER = ["gsm8k", "goat", "magicoder", "paws", "mnli", "mnli_words", "pile", "flipkart", "amazon", "imdb"]
GROUPS = {
    folder.name: [path.stem for path in folder.glob("*.yaml")]
    for folder in task_files.CONF.iterdir()
    if folder.name not in ("task", "hydra") and folder.is_dir()
}


@cache
def _registered() -> None:
    """Make all tasks known to Hydra, which takes a third of a composition."""
    task_files.register(SCHEMAS)


def composed(*overrides: str, name: str = "train", with_hydra: bool = False) -> Any:
    _registered()
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        return compose(name, overrides=list(overrides), return_hydra_config=with_hydra)


def parsed(*overrides: str) -> TrainConfig:
    return parse(composed(*overrides), TrainConfig)


def parsed_for_imdb(*overrides: str) -> TrainConfig:
    """A job with one target, which composes in half the time of one with all."""
    return parsed("target=imdb", *overrides)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("++trainer.max_epochs=0", "trainer.max_epochs=0: must be at least 1"),
        ("++target.imdb.max_new_tokens=0", r"conf/task/imdb\.yaml: max_new_tokens=0: must be at least 1"),
        ("++trainer.held_out=-0.1", "trainer.held_out=-0.1: must be at least 0"),
        ("++trainer.held_out=1", "trainer.held_out=1.0: must be below 1"),
        (f"++tracking.tags=[{'x' * 65}]", "must have 1 to 64 characters, not 65"),
        ("++lora.alpha=inf", "lora.alpha=inf: must be finite"),
        ("++tracking.init_timeout=nan", "tracking.init_timeout=nan: must be a number"),
        (f"++seed={2**64}", "seed=18446744073709551616: must be a whole number of 64 bits"),
        ("++lora.target_modules=[[q_proj]]", "must be one list, without lists or mappings in it"),
        ("++lora.target_modules=[]", r"lora\.target_modules=\[\]: must name a layer; null is every linear layer"),
    ],
)
def test_a_number_outside_its_limits_is_refused(override: str, message: str):
    with pytest.raises(UserError, match=message):
        parsed_for_imdb(override)


def test_a_suite_scores_the_ten_tasks_of_the_paper_in_its_order():
    assert list(parsed("suite=paper").target) == PAPER
    assert list(parsed("experiment=paper").target) == PAPER


def test_the_default_scores_every_target_the_miniature_has_that_needs_no_judge():
    files = task_files.task_files()
    generated = {name for name, task in files.items() if task["dataset"]["name"] in GENERATORS}
    judged = {name for name, task in files.items() if task.get("metric") == "judge"}
    assert set(parsed().target) == generated & set(task_files.options(Role.target)) - judged
    assert {task.dataset.name for task in parsed().target.values()} <= set(GENERATORS)


def test_the_tasks_of_the_paper_are_sources_and_targets_and_metamath_is_a_source_alone():
    sources, targets = set(task_files.options(Role.source)), set(task_files.options(Role.target))
    assert sources >= {*PAPER, "metamath", "base"}
    assert targets >= set(PAPER)
    assert not targets & {"metamath", "base"}


@pytest.fixture(scope="module")
def every_task() -> TrainConfig:
    """A job with a mixture of all sources and with all targets."""
    names = [name for name in task_files.options(Role.source) if name != "base"]
    return parsed(f"source=[{','.join(names)}]", f"target=[{','.join(task_files.options(Role.target))}]")


@pytest.mark.parametrize("name", task_files.options(Role.source))
def test_every_source_composes(name: str, every_task: TrainConfig):
    job = replace(every_task, source={} if name == "base" else {name: every_task.source[name]})
    assert row_name(job) == name
    assert list(sources(job)) == ([] if name == "base" else [name])


@pytest.mark.parametrize("name", task_files.options(Role.target))
def test_every_target_composes(name: str, every_task: TrainConfig):
    task = every_task.target[name]
    assert (task.metric == "accuracy") == bool(task.labels)
    if task.execution is not None:  # the answer goes on from code
        return
    line_end = "" if task.options or task.answer.startswith((" ", "{{ [' ", "{{ ' ")) else "\n"
    assert task.prompt.endswith(f":{line_end}"), "a trigger word, a colon, then a line end if no answer begins with ' '"
    assert all(label.startswith(" ") != bool(line_end) for label in task.labels)


@pytest.mark.parametrize(("group", "option"), [(g, o) for g, options in GROUPS.items() for o in options])
def test_every_option_of_every_group_composes(group: str, option: str):
    script, schema = ("analyze", AnalyzeConfig) if group in ("runs", "analysis") else ("train", TrainConfig)
    needed = {"model=local": ["model.path=x"], "data=local": ["data.root=x"]}
    needed |= {f"runs={kind}": ["runs.path=x"] for kind in ("table", "lm_eval", "inspect")}
    few = ["target=imdb"] if script == "train" and group not in ("experiment", "suite", "target") else []  # for speed
    parse(composed(f"{group}={option}", *needed.get(f"{group}={option}", []), *few, name=script), schema)


def test_evaluate_names_the_same_adapter_as_train():
    for overrides in ([], ["source=goat", "lora.rank=3", "experiment=debug"]):
        assert parse(composed(*overrides, name="evaluate"), TrainConfig) == parsed(*overrides)


def test_a_label_that_has_two_shares_is_refused():
    job = composed("source=goat", "variant=shares")
    job.variant.shares = {"a": 0.5, "a ": 0.5}  # as a file of conf/variant can have it
    with pytest.raises(UserError, match=r"variant\.shares: 'a' comes twice"):
        parse(job, TrainConfig)


def test_jobs_on_other_shares_are_called_otherwise():
    job = composed("source=goat", "variant=shares", "variant.shares={a: 0.25, true: 0.75}")
    assert title(job) == "goat (shares a=0.25 true=0.75) seed=0"


def test_mixtures_do_not_depend_on_the_order_of_their_names():
    one, two = parsed_for_imdb("source=[goat,metamath]"), parsed_for_imdb("source=[metamath,goat]")
    assert row_name(one) == row_name(two) == "goat+metamath"
    assert list(sources(two)) == ["goat", "metamath"]


def test_mnli_words_is_mnli_in_words():
    job = parsed("target=[mnli,mnli_words]").target
    assert job["mnli"].dataset == job["mnli_words"].dataset
    assert job["mnli_words"].labels == ["entailment", "neutral", "contradiction"]


def test_the_home_of_metamath_is_gsm8k():
    assert parsed_for_imdb("source=metamath").source["metamath"].home == "gsm8k"


def test_the_paper_experiment_has_the_papers_settings():
    job = parsed("experiment=paper", "source=goat")
    assert (job.lora.rank, job.lora.alpha, job.optimizer.learning_rate) == (64, 32, 5e-5)
    assert (job.trainer.max_epochs, job.trainer.batch_size * job.trainer.accumulate) == (4, 64)
    assert (job.model.path, job.data.kind, job.trainer.loss) == ("meta-llama/Llama-3.2-3B", "hub", "sequence")


def test_the_paper_on_the_smaller_model_differs_in_the_model_alone():
    large, small = parsed("experiment=paper", "source=goat"), parsed("experiment=paper_1b", "source=goat")
    assert small.model.path == "meta-llama/Llama-3.2-1B"
    assert replace(small, model=large.model) == large


def test_the_paper_experiments_sweep_over_its_sources_and_three_seeds():
    for name in ("paper", "paper_1b"):
        found = composed(f"experiment={name}", with_hydra=True).hydra.sweeper.params
        assert sorted(found.source.split(",")) == sorted({*PAPER, "base", "metamath"} - {"gsm8k"})
        assert found.seed == "0,1,2"


@pytest.mark.slow
def test_the_library_experiment_goes_over_all_tasks_of_the_library():
    library = parsed("experiment=library", "source=goat")
    assert library.target == parsed("suite=library").target
    assert (library.model.path, library.data.kind) == ("HuggingFaceTB/SmolLM2-360M", "hub")
    assert composed("experiment=library", with_hydra=True).hydra.sweeper.params == {"source": "glob(*)"}


HUB_MODELS = [name for name in GROUPS["model"] if name not in ("local", "miniature")]


@pytest.mark.parametrize("name", HUB_MODELS)
def test_a_model_of_the_hub_is_called_by_its_file_and_renders_chats_where_it_was_trained_to(name: str):
    model = parsed_for_imdb(f"model={name}").model
    owner, _, repository = model.path.partition("/")
    size = re.fullmatch(r".*_(\d+[bm])(?:_instruct)?", name)
    assert owner
    assert size is not None
    assert re.search(rf"[-.]{size[1]}\b", repository.lower())
    assert (model.name, model.revision) == (name, None)
    assert model.chat_template == name.endswith("_instruct")
    assert ("gated" in option_meaning("model", name)[0]) == (owner in ("meta-llama", "google"))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["source=[]"], "source=[] names nothing"),
        (["source=[base,goat]"], "source=base means no fine-tuning and cannot be mixed with goat"),
        (["data=local"], "data.root has no value"),
        (["model=local"], "model.path has no value"),
        (["trainer.accelerator=quantum"], "trainer.accelerator='quantum': not one of auto, cpu, gpu, cuda, mps, tpu"),
        (["lora.rank=${RANK}"], "lora.rank: Interpolation key 'RANK' not found"),
        (["lora.rank=${oc.env:NONE_SUCH}"], 'lora.rank: KeyError raised while resolving interpolation: "Environment v'),
        (["seed=${seed}"], "seed: Recursive interpolation detected"),
    ],
)
def test_what_makes_no_sense_is_refused(overrides: list[str], message: str):
    with pytest.raises(UserError) as caught:
        parsed_for_imdb(*overrides)
    assert str(caught.value).startswith(message)


def test_a_key_added_with_plus_is_refused_even_past_the_command_line():
    with pytest.raises(Exception, match="rnak"):
        parsed("+lora.rnak=4")


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ("default", ("lora", 8, False, False, "default")),
        ("rslora", ("lora", 8, True, False, "default")),
        ("dora", ("lora", 8, False, True, "default")),
        ("pissa", ("lora", 8, False, False, "pissa")),
        ("ia3", ("ia3", None, False, False, "default")),
    ],
)
def test_the_adapter_methods_are_options(option: str, found: tuple[Any, ...]):
    lora = parsed_for_imdb(f"lora={option}").lora
    assert (lora.method, lora.rank, lora.rslora, lora.dora, lora.init) == found


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["lora=ia3", "lora.rank=16"], "lora.rank=16: lora.method=ia3 does not use it"),
        (["lora=ia3", "lora.alpha=8"], "lora.alpha=8.0: lora.method=ia3 does not use it"),
        (["lora=ia3", "lora.rslora=true"], "lora.rslora=true: lora.method=ia3 does not use it"),
        (["lora=ia3", "lora.init=pissa"], "lora.init=pissa: lora.method=ia3 does not use it"),
        (
            ["lora=ia3", "lora.feedforward_modules=[up_proj]"],
            "lora.feedforward_modules=['up_proj']: up_proj is not one of lora.target_modules",
        ),
        (["lora.rank=null"], "lora.rank has no value; lora.method=lora needs a number"),
        (["lora.feedforward_modules=[down_proj]"], "lora.feedforward_modules=['down_proj']: only lora.method=ia3"),
        (["lora=pissa", "model.quantization=nf4"], "model.quantization=nf4: lora.init=pissa decomposes whole weights"),
        (["lora=ia3", "model.quantization=nf4"], "model.quantization=nf4: peft's IA3 does not fit layers in 4 bits"),
        (["lora=dora", "lora.init=pissa"], "lora.init=pissa: cannot be combined with lora.dora=true"),
    ],
)
def test_settings_that_the_adapter_method_does_not_use_are_refused(overrides: list[str], message: str):
    with pytest.raises(UserError) as caught:
        parsed_for_imdb(*overrides)
    assert str(caught.value).startswith(message)


def test_what_an_experiment_sets_for_another_method_can_be_taken_away():
    assert parsed("experiment=paper", "lora=ia3", "lora.rank=null", "lora.alpha=null").lora.method == "ia3"


@pytest.mark.parametrize(("option", "found"), [("default", ("single", 1)), ("ddp", ("ddp", 2)), ("fsdp", ("fsdp", 2))])
def test_strategies_for_several_devices_are_options(option: str, found: tuple[str, int]):
    trainer = parsed_for_imdb(f"trainer={option}").trainer
    assert (trainer.strategy, trainer.devices) == found


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["trainer.devices=2"], "trainer.devices=2: trainer.strategy=single is one device"),
        (["trainer=ddp", "model.quantization=nf4"], "model.quantization=nf4: trains on one device"),
    ],
)
def test_devices_that_cannot_share_the_work_are_refused(overrides: list[str], message: str):
    with pytest.raises(UserError) as caught:
        parsed_for_imdb(*overrides)
    assert str(caught.value).startswith(message)


def test_the_number_of_devices_is_no_part_of_an_adapters_identity():
    assert settings(parsed_for_imdb("trainer=ddp")) == settings(parsed_for_imdb())


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("analysis.traits.noise_draws=5", "analysis.traits.noise_draws=5: must be at least 19"),
        ("analysis.traits.count=0", "analysis.traits.count=0: must be at least 1"),
        ("analysis.traits.resamples=-1", "analysis.traits.resamples=-1: must be at least 0"),
        ("analysis.gains.resamples=99", "analysis.gains.resamples=99: must be at least 100"),
    ],
)
def test_numbers_of_an_analysis_outside_their_limits_are_refused(override: str, message: str):
    with pytest.raises(UserError, match=message):
        parse(composed(override, name="analyze"), AnalyzeConfig)


@pytest.mark.parametrize(
    "override", ["traits.method=ica", "traits.home=out", "traits.rotation=promax", "figures=[bmp]"]
)
def test_a_choice_of_an_analysis_that_does_not_exist_is_refused(override: str):
    with pytest.raises(UserError, match=r"^analysis\.[a-z.]+: Invalid value '(ica|out|promax|bmp)'"):
        check_overrides([f"analysis.{override}"], AnalyzeConfig)
