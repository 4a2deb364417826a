"""The tasks of the repository make the examples that stores of earlier versions know them by."""

import pytest

from crosstask.config.job import TrainConfig
from crosstask.config.parsing import parse
from crosstask.data.drawn_examples import content_free_prompt, test_examples, train_examples
from crosstask.data.examples import content_hash
from tests.config.test_config import composed

test_examples.__test__ = False  # type: ignore[attr-defined]

RECORDED = {  # before a null, a list and an index from the end were told from text
    "pile": ("f163cb383ec3579d1147", "6e241a0f15dc45d1a8af", "N/A\nIs this text toxic (1) or not (0)?\nToxicity:\n"),
    "mnli_words": (
        "ce7bbc83c66d05deeec8",
        "2fa47c11f7f35b5c569e",
        "Premise: N/A\nHypothesis: N/A\n"
        "Is the hypothesis an entailment of the premise, neutral to it or a contradiction of it?\nAnswer:\n",
    ),
    "sst2": (
        "340fb693e9429b207e55",
        "95779ddfb69e5faaa4cb",
        "N/A\nIs the sentiment of this review negative or positive?\nSentiment:",
    ),
    "asdiv": ("f01227c47cc76d341b9e", "12fb9e3777693acc1bf1", "N/A N/A\nAnswer:"),
    "flipkart": (
        "9e9b0c96187ca0e60b99",
        "5dcc21f7478f31b6209e",
        "N/A\nIs the sentiment of this product review positive, negative or neutral?\nSentiment:\n",
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_task_keeps_its_examples_and_its_prompt_without_content(name: str):
    job = parse(composed(f"target={name}"), TrainConfig)
    task = job.target[name]
    made = (content_hash(examples(name, task, job.data)) for examples in (test_examples, train_examples))
    assert (*made, content_free_prompt(name, task, job.data)) == RECORDED[name]
