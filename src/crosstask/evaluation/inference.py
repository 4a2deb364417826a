"""Inference: requests in batches by tokens, with back-off where memory runs out, and outputs kept as they come."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import torch

from crosstask.errors import UserError
from crosstask.evaluation.requests import InferenceRequests
from crosstask.models.out_of_memory import is_out_of_memory
from crosstask.storage.store import Store

Result = TypeVar("Result")
SECONDS = 5.0
"""Outputs are put into the store this often, so that no more is lost when the process is killed."""

log = logging.getLogger(__name__)


def batches_by_tokens(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Return the requests, longest first, in batches whose padded size is at most ``budget`` tokens.

    A request that is longer than the budget is a batch of its own. The batches depend on the lengths and the budget
    alone, so inference that was interrupted and continued consists of the same forward passes as one that was not,
    unless another process chose another budget on a GPU: then they differ in what rounding does.

    Examples
    --------
    >>> batches_by_tokens([3, 9, 4, 3], budget=10)
    [[1], [2, 0], [3]]
    """
    batches: list[list[int]] = []
    for request in sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True):
        # Sorted by length, a batch is padded to its first request.
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= budget:
            batches[-1].append(request)
        else:
            batches.append([request])
    return batches


def run_with_back_off(run: Callable[[Sequence[int]], list[Result]], members: Sequence[int]) -> list[Result]:
    """Return what ``run`` returns for the members of a batch; where memory runs out, the batch is halved and retried.

    Raises
    ------
    UserError
        If memory does not suffice for a single member.
    """
    try:
        return run(members)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        if len(members) == 1:
            raise UserError(
                f"out of memory with one sequence at a time: {str(error).splitlines()[0]}; a shorter prompt"
                " (data), scoring.max_new_tokens or a smaller model needs less"
            ) from error
    # Outside the except block, whose error would keep the tensors of the failed pass alive.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    half = len(members) // 2
    return run_with_back_off(run, members[:half]) + run_with_back_off(run, members[half:])


class PartialOutputs:
    """The outputs of a cell whose inference has not finished, a few seconds' worth in each file of a folder."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder

    def load(self) -> dict[int, dict[str, Any]]:
        """Return the outputs that earlier processes have written, by number of the request; deletes damaged files."""
        outputs: dict[int, dict[str, Any]] = {}
        for path in sorted(self.folder.glob("*.parquet")):
            try:
                frame = pd.read_parquet(path, page_checksum_verification=True).set_index("number")
            except (OSError, ValueError, KeyError) as error:  # pyarrow's errors are some of these
                log.warning("%s: damaged (%s); it is deleted, and its outputs are made again", path, error)
                path.unlink()
                continue
            outputs |= dict(zip(frame.index.tolist(), frame.to_dict("records"), strict=True))
        return outputs

    def add(self, outputs: dict[int, dict[str, Any]]) -> None:
        """Write some outputs, by number of the request."""
        if outputs:
            frame = pd.DataFrame([{"number": number, **columns} for number, columns in outputs.items()])
            with self.store.new_file(self.folder / f"{min(outputs)}.parquet") as path:
                frame.to_parquet(path, index=False, write_page_checksum=True)


def collect_outputs(
    requests: InferenceRequests,
    model: Any,
    batch_tokens: int | None,
    partial: PartialOutputs,
    progress: Callable[[float], None],
) -> pd.DataFrame:
    """Run all requests but those whose outputs an earlier process has written.

    Parameters
    ----------
    requests, model
        What is run, and on which model, with or without an adapter.
    batch_tokens
        Tokens of a forward pass, padding included; None is what suits the device.
    partial
        What is there already; outputs are added while inference runs.
    progress
        Called with the share of requests that are done, 0 to 1.

    Returns
    -------
    DataFrame, one row per request in their order
        The columns of the responses.
    """
    outputs = partial.load()
    unwritten: dict[int, dict[str, Any]] = {}
    written_at = time.monotonic()
    for batch in batches_by_tokens(requests.lengths, batch_tokens or requests.batch_tokens):
        if members := [member for member in batch if member not in outputs]:
            responses = run_with_back_off(lambda some: list(requests.run(model, some)), members)
            unwritten |= {member: response.columns() for member, response in zip(members, responses, strict=True)}
            outputs |= unwritten
        if time.monotonic() - written_at > SECONDS:
            partial.add(unwritten)
            unwritten, written_at = {}, time.monotonic()
        progress(len(outputs) / len(requests.lengths))
    return pd.DataFrame([outputs[number] for number in range(len(requests.lengths))])
