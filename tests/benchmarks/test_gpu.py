"""The parts of the benchmark on a GPU run on a CPU, with a tiny model, and their rates are what they say."""

from pathlib import Path

import pytest
from transformers import AutoConfig

from benchmarks import gpu, gpu_parts
from benchmarks.gpu_extent import FULL, TINY
from crosstask.models.architecture import size_of
from crosstask.models.tokenization import training_sequence


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gpu") / "model"
    gpu_parts.make_model(path, TINY)
    return path


@pytest.mark.parametrize(
    ("part", "rates"),
    [
        ("matrix product", {"tflops"}),
        ("training", {"tokens", "tflops"}),
        ("generation, 8,192 tokens a pass", {"tokens", "pass_tokens"}),
        ("generation, batch", {"tokens", "pass_tokens"}),
        ("closed scoring", {"tokens", "pass_tokens"}),
    ],
)
def test_a_part_returns_its_rates(folder: Path, part: str, rates: set[str]):
    found = gpu.PARTS[part](folder, TINY)
    assert set(found) == rates
    assert all(value > 0 for value in found.values())


def test_a_training_row_fills_its_length(folder: Path):
    from crosstask.models.tokenization import encode

    base = gpu_parts.load(folder)
    (row,) = gpu_parts.rows(TINY, 1)
    (pair,) = encode(base, [row.prompt], [row.answer])
    cut = training_sequence(pair, base, TINY.length)
    assert len(cut.prompt) + len(cut.answer) == TINY.length


def test_outputs_do_not_end_before_their_limit(folder: Path):
    from crosstask.evaluation.generation import GenerationRequests

    requests = GenerationRequests(gpu_parts.load(folder), ["the film", "good"], TINY.new_tokens)
    assert [one.tokens for one in requests.run(gpu_parts.load(folder).model, [0, 1])] == [TINY.new_tokens] * 2


def test_operations_are_four_for_each_parameter_and_token(folder: Path):
    base = gpu_parts.load(folder)
    rates = gpu_parts._of_training(base, [10.0, 11.0, 12.0], step_tokens=100)
    assert rates == {"tokens": 100, "tflops": 4 * size_of(base.model).multiplied * 100 / 1e12}


def test_the_full_model_has_the_shape_of_llama_3_2_3b():
    config = AutoConfig.for_model("llama", **FULL.config)
    layer = 3072 * (3072 + 2 * 1024) + 3072 * 3072 + 3 * 3072 * 8192 + 2 * 3072
    assert config.num_key_value_heads * config.hidden_size // config.num_attention_heads == 1024
    assert 128256 * 3072 + 28 * layer + 3072 == 3_212_749_824  # what its card states as 3.21 B


def test_rows_and_ratios_are_printed_with_what_was_not_measured():
    assert gpu._row("training", {"tokens": 12345.6, "tflops": 445.0, "peak": 61.25}) == (
        "| training | 12,346 | 445.0 |  | 61.2 |"
    )
    assert gpu._row("training, TRL", "no trl") == "| training, TRL | not measured: no trl | | | |"
    found = {
        "training": {"tokens": 120.0, "tflops": 494.5},
        "matrix product": {"tflops": 700.0},
        "training, TRL": {"tokens": 100.0, "tflops": 412.0},
        "generation, 8,192 tokens a pass": {"tokens": 10.0},
        "generation, batch": {"tokens": 55.0},
    }
    assert gpu._ratios(found) == [
        "training: 50.0% of 989 TFLOP/s",
        "training: 70.6% of the matrix product",
        "training: 1.20 times TRL",
        "generation, batch: 5.5 times 8,192 tokens a pass",
    ]
    assert gpu._ratios({}) == []


def test_a_part_that_fails_says_why(folder: Path):
    assert gpu._part("training, flash-attn", folder, True, 100).endswith("the package flash-attn is not here")
    assert gpu._part("training", folder, True, 1) == "no time was left"
