"""The replies of a judge to questions: each is taken from the store, or asked for once and put there."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosstask.config.judge import Judge
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.judging.questions import Question
from crosstask.storage.judge_use import JudgeUse
from crosstask.storage.replies import Reply, add_reply, asking, read_replies

if TYPE_CHECKING:
    from crosstask.judging.endpoint import Endpoint

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with the answers that are judged, and with how many there are."""
POLL_SECONDS = 0.2
"""Between two looks at a question that another process asks."""


class Round:
    """The judging of some answers.

    Parameters
    ----------
    folder
        Where replies of judges are, and go.
    judge
        Who is asked. A reply belongs to the judge's `identity` and the question's message, whoever asked before.
    questions
        One for each answer; equal ones are asked once.
    progress
        See `Progress`.
    """

    def __init__(self, folder: Path, judge: Judge, questions: Sequence[Question], progress: Progress) -> None:
        self.judge = judge
        self.questions = questions
        self.progress = progress
        self._judge_id = fingerprint(judge.identity())
        self._folder = folder / self._judge_id
        self._found: dict[str, Reply] = {}
        """By the question's message."""
        self._asked = 0
        self._completions: list[Reply] = []
        """What the judge replied just now, also to what is asked to tell whether it replies at all."""

    def replies(self) -> list[Reply]:
        """Return the reply to each question.

        Raises
        ------
        UserError
            If the endpoint fails. The replies up to then are in the store.
        """
        unique = {question.text: question for question in self.questions}
        missing = [question for question in unique.values() if not self._is_stored(question)]
        if missing:
            asyncio.run(self._ask(missing))
        return [self._found[question.text] for question in self.questions]

    @property
    def use(self) -> JudgeUse:
        """What this round took."""
        kinds = ("input_tokens", "output_tokens")
        counts = {kind: [getattr(reply, kind) for reply in self._completions] for kind in kinds}
        tokens = [sum(count or 0 for count in counts[kind]) for kind in kinds]
        is_counted = not any(None in counts[kind] for kind in kinds)
        return JudgeUse(
            endpoint=self.judge.base_url or "",
            calls=self._asked,
            reused=len(self.questions) - self._asked,
            input_tokens=tokens[0],
            output_tokens=tokens[1],
            cost=0.0 if not self._asked else self.judge.cost(*tokens) if is_counted else None,
        )

    async def _ask(self, questions: Sequence[Question]) -> None:
        """Ask for the replies to different questions, several at a time; after a failure nothing more is asked."""
        from crosstask.judging.endpoint import Endpoint  # imports the client, which takes a second

        endpoint, failures, waiting = Endpoint(self.judge), list[UserError](), deque(questions)
        self._completions, ended = endpoint.completions, asyncio.Event()

        async def work() -> None:
            try:
                while waiting and not ended.is_set():
                    question = waiting.popleft()
                    if not await self._settle(question, endpoint):
                        waiting.append(question)
                        await asyncio.sleep(POLL_SECONDS)
                    self.progress(self._judged, len(self.questions))
            except UserError as error:  # does not end what others have asked, and pay for
                failures.append(error)
                ended.set()
            except Exception:
                ended.set()
                raise

        try:
            await _all_ended([work() for _ in range(min(self.judge.concurrency, len(questions)))], ended)
        finally:
            await endpoint.close()
        if failures:
            raise UserError(
                f"{failures[0]}; {self._judged} of {len(self.questions)} answers are judged, and the same command goes"
                " on with the others"
            )

    async def _settle(self, question: Question, endpoint: Endpoint) -> bool:
        """Find the reply to a question, asked for if need be; False where another process asks just now."""
        with asking(self._folder, self._id(question)) as is_free:
            if is_free and not self._is_stored(question):
                self._keep(question, await endpoint.ask(question.text))
        return is_free

    def _is_stored(self, question: Question) -> bool:
        """Tell whether the store has the reply to a question, which then is found."""
        reply = read_replies(self._file(question)).get(self._id(question))
        if reply is not None:
            self._found[question.text] = reply
        return reply is not None

    def _keep(self, question: Question, reply: Reply) -> None:
        """Put a reply into the store."""
        self._asked += 1
        add_reply(self._file(question), self._id(question), reply)
        self._found[question.text] = reply

    def _file(self, question: Question) -> Path:
        """Return the file with the replies about all answers to what was asked."""
        return self._folder / f"{question.subject}.jsonl"

    def _id(self, question: Question) -> str:
        """Return the fingerprint of all that a reply depends on."""
        return fingerprint([self._judge_id, question.text])

    @property
    def _judged(self) -> int:
        """How many answers have a reply."""
        return sum(question.text in self._found for question in self.questions)


async def _all_ended(work: Sequence[Coroutine[None, None, None]], ended: asyncio.Event) -> None:
    """Wait until all who ask have ended. Interrupted (^C), let them end what they have asked, which is paid for.

    Raises
    ------
    Exception
        What one of them raised.
    """
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        ended.set()
        if any(not task.done() for task in tasks):
            log.warning("interrupted; replies that are asked for are waited for and kept, unless interrupted again")
            await asyncio.wait(tasks)
        raise
    for task in tasks:
        task.result()
