"""Scores of the same prompts by crosstask and by lm-evaluation-harness (its ``hf`` backend, no response cache).

What had to be made equal:

- precision: float32 on both sides (lm-eval takes the file's own otherwise, float16 for the miniature)
- begin token: both leave it to the tokenizer; the miniature's puts one, and a copy that puts none is compared too
- border of prompt and answer: lm-eval moves white space at the end of a prompt to the beginning of the answer, so it
  returns log p(newline, label) where we return log p(label after the newline). The log-probability of that white space
  alone is asked of lm-eval as a request of its own and subtracted. It is the same for every label of a prompt.
- end of generation: the end token only, and our limit of new tokens
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from numpy.typing import NDArray

from crosstask.config.job import TrainConfig
from crosstask.config.task import Task
from crosstask.data.drawn_examples import test_examples
from crosstask.evaluation.generation import GenerationRequests
from crosstask.evaluation.inference import batches_by_tokens
from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests
from crosstask.evaluation.requests import InferenceRequests
from crosstask.evaluation.scorers.generated_text import max_new_tokens
from crosstask.models import adapters
from crosstask.models.base_model import model_folder
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode
from oracle import inputs
from oracle.comparison import Comparison

LOG_PROBABILITY = 1e-4
"""Largest difference of a label's log-probability, in nats."""
BATCH_SIZE = 16
"""lm-eval's; ours is another one, and neither may matter."""
ACTS = 0.1
"""An adapter must move some log-probability by this many nats, or the comparison with it would say nothing."""


def compare(job: TrainConfig, adapter: Path) -> list[Comparison]:
    """Compare the base model and an adapter on four closed tasks, one with labels of several tokens, and two open."""
    base = inputs.loaded(job)
    closed = inputs.targets(*inputs.CLOSED) | {"amazon in words": inputs.phrases()}
    assert _longest(base, closed) > 1, "no label has several tokens"
    opened = inputs.targets(*inputs.OPEN)
    prompts = {name: [e.prompt for e in test_examples(name, t, job.data)] for name, t in (closed | opened).items()}
    found, ours = [], {}
    for who, folder in (("base", None), ("adapter", adapter)):
        theirs = harness(job, base, folder)
        with adapters.attached(base, folder) as model:
            for name, task in closed.items():
                ours[who, name] = mine = our_label_scores(job, base, model, prompts[name], task.labels)
                found += compared_labels(f"{name}, {who}", mine, label_scores(theirs, prompts[name], task.labels))
            for name, task in opened.items():
                limit = max_new_tokens(task, job.scoring)
                requests = GenerationRequests(base, prompts[name], limit)
                mine_said = [output.text for output in responses(requests, model, job)]
                said = generations(theirs, prompts[name], limit, base.tokenizer.decode([base.end]))
                found.append(compared_texts(f"{name}, {who}", mine_said, said))
    found += _compare_without_begin(job, prompts["mnli"], closed["mnli"].labels, prompts["goat"])
    moved = max(float(abs(ours["adapter", name] - ours["base", name]).max()) for name in closed)
    assert moved > ACTS, f"the adapter moves no log-probability by more than {moved:.3g}"
    return found


def compare_targets(job: TrainConfig) -> list[Comparison]:
    """Compare the base model of a job on its targets, closed with labels or open."""
    base, found = inputs.loaded(job), []
    theirs, end = harness(job, base, None), base.tokenizer.decode([base.end])
    for name, task in job.target.items():
        prompts = [example.prompt for example in test_examples(name, task, job.data)]
        what = f"{name}, {job.model.name or job.model.path}"
        if task.labels:
            mine = our_label_scores(job, base, base.model, prompts, task.labels)
            found += compared_labels(what, mine, label_scores(theirs, prompts, task.labels))
            continue
        limit = max_new_tokens(task, job.scoring)
        said = [output.text for output in responses(GenerationRequests(base, prompts, limit), base.model, job)]
        found.append(compared_texts(what, said, generations(theirs, prompts, limit, end)))
    return found


def _compare_without_begin(
    job: TrainConfig, closed: Sequence[str], labels: Sequence[str], opened: Sequence[str]
) -> list[Comparison]:
    """Compare the base model with a tokenizer that puts no begin token before a text."""
    with tempfile.TemporaryDirectory() as folder:
        bare = inputs.without_begin_token(job, Path(folder) / "model")
        base = inputs.loaded(bare)
        assert base.begin == (), "the tokenizer puts a begin token"
        theirs = harness(bare, base, None)
        mine = our_label_scores(bare, base, base.model, closed, labels)
        limit = 16
        said = [output.text for output in responses(GenerationRequests(base, opened, limit), base.model, bare)]
        return [
            *compared_labels("mnli, base without a begin token", mine, label_scores(theirs, closed, labels)),
            compared_texts(
                "goat, base without a begin token",
                said,
                generations(theirs, opened, limit, base.tokenizer.decode([base.end])),
            ),
        ]


def our_label_scores(
    job: TrainConfig, base: BaseModel, model: Any, prompts: Sequence[str], labels: Sequence[str]
) -> NDArray[np.float64]:
    """Return our log-probability of each label after each prompt; shape (prompts, labels)."""
    scores = responses(LabelLikelihoodRequests(base, prompts, [labels] * len(prompts)), model, job)
    assert not any(score.cut for score in scores), "a prompt was cut; lm-eval cuts otherwise"
    return np.array([score.log_probabilities for score in scores])


def responses(requests: InferenceRequests, model: Any, job: TrainConfig) -> list[Any]:
    """Return our responses to all requests, in the batches of a cell's inference."""
    responses: dict[int, Any] = {}
    for batch in batches_by_tokens(requests.lengths, job.scoring.batch_tokens or requests.batch_tokens):
        responses |= zip(batch, requests.run(model, batch), strict=True)
    return [responses[number] for number in range(len(requests.lengths))]


def _longest(base: BaseModel, closed: dict[str, Task]) -> int:
    """Return the number of tokens of the longest label."""
    return max(
        len(pair.answer) for task in closed.values() for pair in encode(base, ["\n"] * len(task.labels), task.labels)
    )


def harness(job: TrainConfig, base: BaseModel, adapter: Path | None, dtype: str = "float32") -> Any:
    """Return lm-eval's model on the same files as ours."""
    theirs = HFLM(
        pretrained=str(model_folder(job.model)),
        peft=None if adapter is None else str(adapter),
        dtype=dtype,
        device=str(base.model.device),
        batch_size=BATCH_SIZE,
    )
    alone = len(base.tokenizer("a", add_special_tokens=False)["input_ids"])
    assert tuple(theirs.tok_encode("a")[:-alone]) == base.begin, "lm-eval adds another begin token"
    return theirs


def label_scores(theirs: Any, prompts: Sequence[str], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return lm-eval's log-probability of each label after each prompt; shape (prompts, labels)."""
    bodies = [prompt.rstrip() for prompt in prompts]
    spaces = [(body, prompt[len(body) :]) for body, prompt in zip(bodies, prompts, strict=True) if body != prompt]
    asked = iter(theirs.loglikelihood(instances("loglikelihood", spaces), True))
    border = [0.0 if body == prompt else next(asked)[0] for body, prompt in zip(bodies, prompts, strict=True)]
    return returned_scores(theirs, prompts, labels) - np.array(border)[:, None]


def returned_scores(theirs: Any, prompts: Sequence[str], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return what lm-eval returns for each label after each prompt, white space at the prompt's end included."""
    pairs = [(prompt, label) for prompt in prompts for label in labels]
    scores = [score for score, _ in theirs.loglikelihood(instances("loglikelihood", pairs), True)]
    return np.array(scores).reshape(len(prompts), len(labels))


def instances(kind: str, arguments: Sequence[tuple[Any, ...]]) -> list[Instance]:
    """Return lm-eval's requests."""
    return [Instance(kind, {}, arguments=pair, idx=i) for i, pair in enumerate(arguments)]


def compared_labels(what: str, ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> list[Comparison]:
    """Compare label log-probabilities and what they predict."""
    unequal = int((ours.argmax(1) != theirs.argmax(1)).sum())
    return [
        Comparison(f"log-probability: {what}", ours.size, float(abs(ours - theirs).max()), LOG_PROBABILITY, "nats"),
        Comparison(f"prediction: {what}", len(ours), unequal, 0, "unequal"),
    ]


def generations(theirs: Any, prompts: Sequence[str], limit: int, until: str) -> list[str]:
    """Return lm-eval's greedy continuations of prompts, up to a string or a number of tokens."""
    arguments = [(prompt, {"until": [until], "max_gen_toks": limit, "do_sample": False}) for prompt in prompts]
    return list(theirs.generate_until(instances("generate_until", arguments), True))


def compared_texts(what: str, ours: Sequence[str], theirs: Sequence[str]) -> Comparison:
    """Compare greedy generations as text."""
    unequal = sum(a != b for a, b in zip(ours, theirs, strict=True))
    return Comparison(f"generation: {what}", len(ours), unequal, 0, "unequal")
