"""Mistakes on the command line: one line each, before anything heavy is imported."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from crosstask.commands.override_values import members
from crosstask.commands.overrides import check_overrides
from crosstask.commands.schemas import SCHEMAS
from crosstask.commands.sections import AnalyzeConfig
from crosstask.config import task_files
from crosstask.config.job import TrainConfig
from crosstask.config.meanings import keys
from crosstask.config.renamed import RENAMED
from crosstask.errors import UserError

ROOT = task_files.CONF.parent


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("sorce=glob(*)", r"sorce: no such key \(did you mean 'source'\?\); allowed are adapter, data, .*source"),
        ("lora.rnak=4", r"lora\.rnak: no such key \(did you mean 'rank'\?\); allowed are alpha, .*rank"),
        ("+lora.rnak=4", r"lora\.rnak: no such key"),
        ("++lora.rnak=4", r"lora\.rnak: no such key"),
        ("+foo=1", r"foo: no such key; allowed are"),
        ("+lora.rank=4", r"\+lora\.rank=4: lora\.rank is part of the config; write lora\.rank=VALUE"),
        ("~lora.rank", r"~lora\.rank: lora\.rank is part of the config"),
        ("lora.rank.x=4", r"lora\.rank\.x: lora\.rank is a value and has no keys"),
        ("lora.rank=four", r"lora\.rank: Value 'four' of type 'str' could not be converted to Integer"),
        ("lora.rank=4,five", r"lora\.rank: Value 'five'"),
        ("trainer.loss=all", r"trainer\.loss: Invalid value 'all', expected one of \[completion, sequence\]"),
        ("lora.rank=0", r"lora\.rank=0: must be at least 1"),
        ("store=", r"store=: must not be empty"),
        ("optimizer.learning_rate=nan", r"optimizer\.learning_rate=nan: must be a number"),
        ("optimizer.weight_decay=inf", r"optimizer\.weight_decay=inf: must be finite"),
        ("optimizer.clip=-inf", r"optimizer\.clip=-inf: must be finite"),
        ("lora.alpha=1e999", r"lora\.alpha=inf: must be finite"),
        (f"lora.alpha={10**400}", r"lora\.alpha=10+ \.\.\. 0+: must be finite"),
        ("lora.alpha=-1", r"lora\.alpha=-1\.0: must be at least 0"),
        (f"seed={2**63}", r"seed=9223372036854775808: must be a whole number of 64 bits, at most 9223372036854775807"),
        (f"data.seed=0,{-(2**64)}", r"data\.seed=-18446744073709551616: must be a whole number of 64 bits"),
        ("lora/dropout=1", r"lora\.dropout=1\.0: must be below 1"),
        ("lora.rank=range(0,3)", r"lora\.rank=0: must be at least 1"),
        ("seed=range(0,0)", r"seed=range\(0,0\): names no values, so there is no job to run"),
        ("seed=shuffle(range(3,3))", r"seed=shuffle\(range\(3,3\)\): names no values"),
        ("seed=range(0,3,0)", r"seed=range\(0,3,0\): a range has a step other than 0"),
        (
            "seed=range(0,100000000)",
            r"^'seed=range\(0,100000000\)': a sweep of 100000000 jobs; it may have at most 100000",
        ),
        ("seed=1,range(0,100000)", r"^'seed=1,range\(0,100000\)': a sweep of 100001 jobs"),
        ("=4", r"^=4: no such key; allowed are"),
        (f"source={'x' * 999}", r"^source='x+ \.\.\. x+': no such option; source is one of ag_news"),
        ("source=IMDB", r"source=IMDB: no such option \(did you mean 'imdb'\?\)"),
        ("seed=interval(0,3)", r"seed=interval\(0,3\): such a sweep has no jobs; list the values, or write range"),
        ("source=null", r"source=null: write source=OPTION with one of ag_news"),
        ("source=goat,null", r"source=goat,null: write source=OPTION"),
        (
            "experiment=null",
            r"experiment=null: write experiment=OPTION with one of debug, library, paper, paper_1b, smoke",
        ),
        ("source=[[goat,imdb]]", r"source=\[\[goat,imdb\]\]: write source=OPTION"),
        ("target=[goat,[imdb]]", r"target=\[goat,\[imdb\]\]: write target=OPTION"),
        ("variant=[balanced,word_labels]", r"one at a time; with -m variant=balanced,word_labels runs a job of each"),
        ("target=[]", r"target=\[\]: chooses nothing; target is one of ag_news"),
        ("source=[goat],[]", r"source=\[goat\],\[\]: chooses nothing; source is one of ag_news"),
        ("lora.target_modules=[[q_proj]]", r"lora\.target_modules=\[\['q_proj'\]\]: must be one list, without lists"),
        ("tracking.tags=[a],[{b: c}]", r"tracking\.tags=\[\{'b': 'c'\}\]: must be one list, without lists or mappings"),
        ("tracking.tags=['']", r"tracking\.tags='': must have 1 to 64 characters, not 0"),
        (f"tracking.tags=[a,{'x' * 65}]", r"tracking\.tags='x+ \.\.\. x+': must have 1 to 64 characters, not 65"),
        (f"tracking.group={'x' * 129}", r"tracking\.group='x+ \.\.\. x+': must have 1 to 128 characters, not 129"),
        (f"tracking.group=a,{'x' * 129}", r"tracking\.group='x+ \.\.\. x+': must have 1 to 128 characters"),
        ("tracking.project=", r"tracking\.project='': must have 1 to 128 characters, not 0"),
        ("tracking.project=a/b", r"tracking\.project='a/b': must have none of / \\ # \? % :, not /"),
        ("lora.dropout=1", r"lora\.dropout=1\.0: must be below 1"),
        ("lora.rank=4,0", r"lora\.rank=0: must be at least 1"),
        ("data.train_rows=-5", r"data\.train_rows=-5: must be at least 0"),
        ("optimizer.learning_rate=-0.1", r"optimizer\.learning_rate=-0\.1: must be at least 0"),
        ("scoring.max_new_tokens=0", r"scoring\.max_new_tokens=0: must be at least 1"),
        ("lora.rank=glob(*)", r"glob is for config groups: adapter, data, .*source"),
        (
            "source=gms8k",
            r"source=gms8k: no such option \(did you mean 'gsm8k'\?\); source is one of ag_news, amazon, anli_r1, ",
        ),
        ("source=flipcart", r"source=flipcart: no such option \(did you mean 'flipkart'\?\)"),
        ("source=bbh_navigate", r"source=bbh_navigate: no such option; source is one of .*metamath"),
        ("target=metamath", r"target=metamath: no such option"),
        ("target=[gsm8k,nope]", r"target=nope: no such option; target is one of ag_news, .*pile"),
        ("source=goat,nope", r"source=nope: no such option"),
        ("source=[goat,imdb],[goat,nope]", r"source=nope: no such option"),
        ("source=glob(x*)", r"source=glob\(x\*\): matches nothing; the options are ag_news"),
        ("source=base,glob(*)", r"source=base,glob\(\*\): glob stands alone; it cannot be one of several choices"),
        ("~source", r"~source: write source=OPTION"),
        ("+source=goat", r"\+source=goat: write source=OPTION"),
        ("source@x=goat", r"source@x=goat: write source=OPTION"),
        (
            "launcher=slrum",
            r"launcher=slrum: no such option \(did you mean 'slurm'\?\); launcher is one of basic, ",
        ),
        ("suite=other", r"suite=other: no such option.*paper"),
        ("lora.rank=[1", r"lora\.rank=\[1: not KEY=VALUE as Hydra reads it: "),
        ("lora.rank", r"lora\.rank: not KEY=VALUE as Hydra reads it: "),
    ],
)
def test_mistakes_are_named_with_what_is_allowed(override: str, message: str):
    with pytest.raises(UserError, match=message) as caught:
        check_overrides([override], TrainConfig)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "override",
    [
        "source=goat",
        "source=glob(*)",
        "source=glob([m*,g*],exclude=mnli*)",
        "source=[goat,metamath]",
        "target=[gsm8k,imdb],[goat]",
        "seed=0,1,2",
        "seed=range(3)",
        f"seed={2**63 - 1}",
        f"seed={-(2**63 - 1)}",
        f"tracking.group={2**70}",
        "lora.rank=16",
        "++lora.rank=16",
        "lora.target_modules=[q_proj,v_proj]",
        "lora.target_modules=[q_proj],[v_proj]",
        "trainer.loss=sequence,completion",
        "optimizer.learning_rate=1e-4",
        "scoring.max_new_tokens=null",
        "store='my runs'",
        "tracking.tags=[a,b]",
        f"tracking.tags=[{'x' * 64}]",
        f"tracking.group={'x' * 128}",
        "tracking.group=null",
        "experiment=debug",
        "hydra.sweep.dir=x",
        "hydra/launcher=basic",
        "launcher=parallel",
        "launcher=slurm",
        "hydra.launcher.n_jobs=4",
        "fail_fast=true",
        "source.goat.prompt=x",
        "data.root=${oc.env:HOME}",
    ],
)
def test_correct_overrides_pass(override: str):
    check_overrides([override], TrainConfig)


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("store=größe", "größe"),
        ("store=a=b", "a=b"),
        ("store=~/runs", "~/runs"),
        ("store=it's=$HOME", "it's=$HOME"),
        ("tracking.tags=[a,日本,b=c]", ["a", "日本", "b=c"]),
        ("tracking.group=é,plain", ["é", "plain"]),
    ],
)
def test_a_text_that_needs_quotes_is_answered_with_them_as_a_shell_takes_them(override: str, value: object):
    with pytest.raises(UserError, match=f"^{re.escape(override)}: such a text stands in quotes of its own: ") as caught:
        check_overrides([override], TrainConfig)
    (advice,) = shlex.split(str(caught.value).partition("of its own: ")[2])
    found = members(OverridesParser.create().parse_override(advice))
    assert (found if len(found) > 1 else found[0]) == value


def test_headers_that_need_quotes_are_answered_with_them():
    override = "runs.columns={source: Mod\u00e8le, target: T\u00e2che, score: acc}"
    with pytest.raises(UserError, match="such a text stands in quotes of its own: ") as caught:
        check_overrides([override], AnalyzeConfig)
    (advice,) = shlex.split(str(caught.value).partition("of its own: ")[2])
    found = OverridesParser.create().parse_override(advice).value()
    assert found == {"source": "Mod\u00e8le", "target": "T\u00e2che", "score": "acc"}


@pytest.mark.parametrize(
    ("name", "value"), [("GSM8K (5-shot)", "fraction"), ("f(x) = y[0]", "percent"), ("STS (rho)", "é")]
)
def test_names_with_brackets_before_a_colon_are_answered_with_backslashes(name: str, value: str):
    override = f"runs.units={{rte: percent, {name}: {value}}}"
    with pytest.raises(UserError, match="such a text stands in quotes of its own: ") as caught:
        check_overrides([override], AnalyzeConfig)
    (advice,) = shlex.split(str(caught.value).partition("of its own: ")[2])
    assert OverridesParser.create().parse_override(advice).value() == {"rte": "percent", name: value}


@pytest.mark.parametrize("override", ["tracking.tags=[[é],b]", "analysis.abilities={é: b}", "é=b"])
def test_where_quotes_around_the_value_do_not_help_they_are_not_advised(override: str):
    with pytest.raises(UserError, match=f"^{re.escape(override)}: not KEY=VALUE as Hydra reads it: [^\n]+$"):
        check_overrides([override], TrainConfig)


@pytest.mark.slow
def test_the_sweeps_of_several_keys_are_multiplied():
    check_overrides(["seed=range(0,1000)", "lora.rank=range(1,65)"], TrainConfig)
    message = r"^'seed=range\(0,2000\)': a sweep of 128000 jobs; it may have at most 100000$"
    with pytest.raises(UserError, match=message):
        check_overrides(["lora.rank=range(1,65)", "seed=range(0,2000)"], TrainConfig)


def test_each_script_has_its_own_keys():
    check_overrides(["runs.group=x", "runs=table", "analysis.traits.scale=none"], AnalyzeConfig)
    with pytest.raises(
        UserError, match=r"source: no such key \(did you mean 'store'\?\); allowed are analysis, gate, output, report"
    ):
        check_overrides(["source=goat"], AnalyzeConfig)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("runs.root", "store"),
        ("analysis.scale", "analysis.traits.scale"),
        ("analysis.trait_resamples", "analysis.traits.resamples"),
        ("analysis.renamings", "analysis.similarity.permutations"),
    ],
)
def test_the_old_name_of_a_key_is_answered_with_the_new_one(old: str, new: str):
    with pytest.raises(UserError, match=f"^{re.escape(f'{old} is now {new}; write {new}=VALUE')}$"):
        check_overrides([f"{old}=x"], AnalyzeConfig)


def test_an_old_name_is_no_key_of_a_script_that_never_had_it():
    with pytest.raises(UserError, match=r"^analysis\.scale: no such key; allowed are"):
        check_overrides(["analysis.scale=none"], TrainConfig)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_old_names_are_keys_no_more(schema: type):
    assert not {key.name for key in keys(schema)} & RENAMED.keys()


def test_every_new_name_is_a_key_of_some_script():
    assert set(RENAMED.values()) <= {key.name for schema in SCHEMAS.values() for key in keys(schema)}


@pytest.mark.parametrize("script", ["train.py", "evaluate.py", "analyze.py", "status.py"])
def test_a_misspelt_sweep_fails_at_once_with_one_line(script: str, tmp_path: Path):
    command = [sys.executable, str(ROOT / script), "-m", "sorce=glob(*)"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: sorce: no such key")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_nothing_heavy_is_imported_before_the_config_is_known_to_be_good():
    code = "import sys; sys.argv=['train.py']; import train, evaluate, analyze, status; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    assert "crosstask.config" in loaded
    assert not loaded & {"torch", "pandas", "numpy", "matplotlib", "transformers", "wandb", "datasets", "rich", "tqdm"}
