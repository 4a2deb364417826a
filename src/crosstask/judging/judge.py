"""The replies of a judge to questions: each is taken from the store, or asked for once and put there."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crosstask.config.judge import Judge
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.judging.questions import Question
from crosstask.storage.judge_use import JudgeUse
from crosstask.storage.replies import Reply, add_reply, read_replies

Progress = Callable[[int, int], None]
"""Called with the answers that are judged, and with how many there are."""


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
        self._paid: list[Reply] = []

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
        tokens = [sum(getattr(reply, name) or 0 for reply in self._paid) for name in ("input_tokens", "output_tokens")]
        return JudgeUse(
            endpoint=str(self.judge.base_url),
            calls=len(self._paid),
            reused=len(self.questions) - len(self._paid),
            input_tokens=tokens[0],
            output_tokens=tokens[1],
            cost=self.judge.cost(*tokens) if self._paid else 0.0,
        )

    async def _ask(self, questions: Sequence[Question]) -> None:
        """Ask for the replies to different questions, several at a time; after a failure nothing more is asked."""
        from crosstask.judging.endpoint import Endpoint  # imports the client, which takes a second

        endpoint, failures = Endpoint(self.judge), list[UserError]()
        waiting = _until(failures, questions)

        async def work() -> None:
            for question in waiting:
                try:
                    if not self._is_stored(question):  # by another process, meanwhile
                        self._keep(question, await endpoint.ask(question.text))
                except UserError as error:
                    failures.append(error)
                self.progress(self._judged, len(self.questions))

        try:  # a failure does not end what others have asked, and pay for
            await asyncio.gather(*(work() for _ in range(min(self.judge.concurrency, len(questions)))))
        finally:
            await endpoint.close()
        if failures:
            raise UserError(
                f"{failures[0]}; {self._judged} of {len(self.questions)} answers are judged, and the same command goes"
                " on with the others"
            )

    def _is_stored(self, question: Question) -> bool:
        """Tell whether the store has the reply to a question, which then is found."""
        reply = read_replies(self._file(question)).get(self._id(question))
        if reply is not None:
            self._found[question.text] = reply
        return reply is not None

    def _keep(self, question: Question, reply: Reply) -> None:
        """Put a reply into the store."""
        self._paid.append(reply)
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


def _until(failures: Sequence[UserError], questions: Sequence[Question]) -> Iterator[Question]:
    """Yield questions until there is a failure; shared by all who ask."""
    for question in questions:
        if failures:
            return
        yield question
