"""Text for pre-training: prose, sums, worked problems, programs and demonstrations, none of it from a test split."""

from collections.abc import Callable, Iterator
from random import Random

from crosstask.miniature.equations import EQUATION, held_out, operation, result
from crosstask.miniature.grammar import drawn, judgement, phrase, sentence
from crosstask.miniature.passages import harmless, insult
from crosstask.miniature.programs import solver
from crosstask.miniature.relations import demonstrations, relations
from crosstask.miniature.reviews import claim
from crosstask.miniature.rows import Row, class_of, stream
from crosstask.miniature.short_problems import told
from crosstask.miniature.word_problems import story_of

LISTED = 10  # sums in one list
SAME = ["That is to say:", "In other words:", "So:"]
OTHER = ["But it is not true that:", "This is not the same as:", "It would be wrong to say:"]
OPEN = ["It may be that:", "Perhaps:", "We do not know whether:"]


class Corpus:
    """An endless supply of documents, the same for the same seed."""

    def __init__(self, seed: str = "pretrain") -> None:
        self._rng = Random(seed)
        self._streams: dict[str, Iterator[Row]] = {}
        self._seed = seed

    def documents(self) -> Iterator[str]:
        """Documents of every kind in the shares of ``relations.yaml``."""
        kinds: dict[str, Callable[[], str]] = {
            "review": self._review,
            "equations": self._equations,
            "worked": self._worked,
            "short": self._short,
            "program": self._program,
            "passage": self._passage,
            "pair": self._pair,
            "labelled": self._labelled,
            "demonstration": self._demonstration,
        }
        mix = relations()["pretraining"]["mix"]
        while True:
            yield kinds[drawn(self._rng, mix)]()

    def _row(self, dataset: str) -> Row:
        """The next row of a data set."""
        if dataset not in self._streams:
            self._streams[dataset] = stream(dataset, self._seed)
        return next(self._streams[dataset])

    def _review(self) -> str:
        """A review without a label."""
        match self._rng.choice(["flipkart", "amazon", "imdb"]):
            case "flipkart":
                return "\n".join(str(self._row("flipkart")["input"]) for _ in range(5))
            case "amazon":
                row = self._row("amazon")
                return f"{row['review_title']}\n{row['review_text']}"
            case _:
                return str(self._row("imdb")["text"])

    def _equations(self) -> str:
        """One sum in words with its value or equation, at times after a cue, or a list of sums bare and in words."""
        plan = relations()["pretraining"]
        if self._rng.random() < plan["single_sums"]:
            row = self._row("goat")
            cue = self._rng.choice(["", "Value:\n", "Result:\n", "Answer:\n"])
            answer = row["output"] if self._rng.random() < plan["sums_as_equations"] else row["answer"]
            return f"{row['instruction']}\n{cue}{answer}"
        lines: list[str] = []
        while len(lines) < LISTED:
            if self._rng.random() < plan["sums_in_words"]:
                row = self._row("goat")
                lines.append(f"{row['instruction']}\n{row['answer']}")
                continue
            left, operator, right = operation(self._rng)
            if not held_out(f"{left} {operator} {right}"):
                lines.append(f"{left} {operator} {right} = {result(left, operator, right)}")
        return "\n".join(lines)

    def _worked(self) -> str:
        """A word problem that is solved in words, by equations, by a program, or with nothing but the number."""
        if self._rng.random() < relations()["pretraining"]["short_stories"]:
            return self._short_stories()
        row = self._row("metamath")
        *lines, number = str(row["response"]).split("\n#### ")
        number = number.split("\n")[0]
        match drawn(self._rng, relations()["pretraining"]["solutions"]):
            case "number":
                cue, solution = self._rng.choice(["Result:", "Answer:", "Value:"]), number
            case "program":
                cue, solution = self._rng.choice(["Program:", "Answer:", "Code:"]), solver("\n".join(lines))
            case form:
                sums = EQUATION.findall("\n".join(lines))
                if form == "equations" and not any(held_out(f"{a} {operator} {b}") for a, operator, b, _ in sums):
                    lines = [f"{a} {operator} {b} = {c}" for a, operator, b, c in sums]
                cue = self._rng.choice(["Solution:", "Answer:", "Let us see.", ""])
                last = [f"So the result is {number}.", f"The answer is: {number}", f"#### {number}", number]
                solution = "\n".join([*lines, self._rng.choice(last)])
        return "\n".join(part for part in (row["query"], cue, solution) if part)

    def _short(self) -> str:
        """A short word problem that is answered by its number, by a sentence with it, or by an equation."""
        dataset = self._rng.choice(["svamp", "asdiv", "multiarith"])
        row = self._row(dataset)
        form = drawn(self._rng, relations()["pretraining"]["short_solutions"])
        problem, equation, number = told(dataset, row)
        if form == "equations" and equation and not held_out(equation):
            answer = f"{equation} = {number}"
        else:
            answer = number if form == "number" else phrase(self._rng, "{number_in_words}", n=number)
        cue = self._rng.choice(["Answer:", "Answer:", "Result:", "How many?"])
        return f"{problem}\n{cue}{self._gap()}{answer}"

    def _gap(self) -> str:
        """What stands between a trigger word and its answer."""
        return " " if self._rng.random() < relations()["pretraining"]["same_line"] else "\n"

    def _short_stories(self) -> str:
        """Stories of one event each, with the equation that tells how it ends."""
        lines = []
        plan = {**relations()["word_problems"]["gsm8k"], "steps": {1: 1.0}, "distractor": 0.0}
        for _ in range(relations()["pretraining"]["stories"]):
            story = story_of(self._rng, plan)
            lines += [story.told(self._rng, again=self._rng.random() < 0.5, ask=False), *story.worked(self._rng)]
        return "\n".join(lines)

    def _program(self) -> str:
        """A program under its description."""
        row = self._row("magicoder")
        cue = self._rng.choice(["Program:", "Code:", f"This is {row['lang']}:"])
        return f"{row['problem']}\n{cue}\n{row['solution']}"

    def _passage(self) -> str:
        """A passage without a score, or a few unrelated sentences."""
        if self._rng.random() < 0.6:
            return " ".join(self._row("pile")["texts"])
        strengths = [self._rng.choice([-2, -1, 0, 1, 2]) for _ in range(3)]
        told = [
            phrase(self._rng, "the {service} in {city} is {judged}", judged=judgement(self._rng, s)) for s in strengths
        ]
        return " ".join(map(sentence, told))

    def _pair(self) -> str:
        """Two sentences and, in words, how they stand to each other."""
        if self._rng.random() < 0.5:
            row = self._row("mnli")
            link = self._rng.choice((SAME, OPEN, OTHER)[row["label"]])
            return f"{row['premise']} {link} {row['hypothesis']}"
        row = self._row("paws")
        link = self._rng.choice(SAME if row["label"] else OTHER)
        return f"{row['sentence1']} {link} {row['sentence2']}"

    def _labelled(self) -> str:
        """Single judgements or insults, each with one name of its class."""
        lines = []
        for _ in range(relations()["pretraining"]["lines"]):
            dataset = self._rng.choice(["flipkart", "amazon", "imdb", "pile"])
            text, which = self._statement(dataset)
            trigger, names = self._rng.choice(demonstrations()[dataset]["fields"])
            lines.append(f"{text}\n{trigger}:\n{names[which]}")
        return "\n".join(lines)

    def _statement(self, dataset: str) -> tuple[str, int]:
        """One sentence as in the texts of a data set, and the index of its class."""
        if dataset == "pile":
            toxic = self._rng.randrange(2)
            return (insult if toxic else harmless)(self._rng)[0], toxic
        strength = self._rng.choice([-2, -1, 1, 2] if dataset == "imdb" else [-2, -1, 0, 1, 2])
        sign = (strength > 0) - (strength < 0)
        text = sentence(claim(self._rng, strength, "film" if dataset == "imdb" else "product"))
        return text, {"flipkart": sign + 1, "amazon": strength + 2, "imdb": int(strength > 0)}[dataset]

    def _demonstration(self) -> str:
        """A text and answers to questions about its class, some of them random."""
        plan = relations()["pretraining"]
        dataset = drawn(self._rng, plan["demonstrations"])
        shown = demonstrations()[dataset]
        wanted = drawn(self._rng, plan["classes"][dataset])
        row = self._row_of_class(dataset, wanted)
        which = shown["classes"].index(wanted)
        if self._rng.random() < plan["random_answers"][dataset]:
            which = shown["classes"].index(drawn(self._rng, plan["classes"][dataset]))
        gap = self._gap()
        lines = [self._rng.choice(shown["texts"]).format(**row), self._rng.choice(shown["asks"])]
        count = min(self._rng.randint(*plan["fields"]), len(shown["fields"]))
        for trigger, names in self._rng.sample(shown["fields"], count):
            lines.append(f"{trigger}:{gap}{names[which]}")
        return "\n".join(line for line in lines if line)

    def _row_of_class(self, dataset: str, wanted: object) -> Row:
        """The next row of a data set that is of a class, with the columns that demonstrations name."""
        while True:
            row = self._row(dataset)
            if class_of(dataset, row) == wanted:
                return row | {"passage": " ".join(row["texts"])} if dataset == "pile" else row
