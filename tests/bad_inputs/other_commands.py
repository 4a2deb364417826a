"""Command lines of evaluate.py, analyze.py and status.py."""

from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import Kind

KIND = Kind("command line of the other commands")
line, works = KIND.line, KIND.works
TABLE = "source,target,score\n" + "".join(
    f"{s},{t},{0.3 + 0.07 * i + 0.05 * j + 0.01 * (i * j % 3):.2f}\n"
    for i, s in enumerate(("base", "a", "b", "c"))
    for j, t in enumerate(("rte", "copa", "wic"))
)


def store(work: Workplace) -> None:
    """a good store"""
    work.copy_store()


def table(work: Workplace) -> None:
    """a good table"""
    work.write("t.csv", TABLE)


def a_file(work: Workplace) -> None:
    """a file `taken`"""
    work.write("taken", "")


def empty_folder(work: Workplace) -> None:
    """an empty folder `empty`"""
    (work.folder / "empty").mkdir()


line("evaluate-nothing", "evaluate.py source=imdb store=nowhere", "imdb", "train.py")
line("evaluate-other-rank", "evaluate.py source=imdb lora.rank=3", "imdb", "lora.rank=3", "train.py", prepare=store)
line("rescore-nothing", "evaluate.py source=imdb rescore=true store=nowhere", ("imdb", "rescore"), "train.py")
line(
    "rescore-no-outputs", "evaluate.py source=imdb rescore=true data.test_rows=5", ("outputs", "rescore"), prepare=store
)
works("rescore", "evaluate.py source=imdb rescore=true", ("reused", "done"), prepare=store)
line("evaluate-typo", "evaluate.py source=imdb rescor=true", "rescor", "rescore")

line("no-store", "analyze.py store=nowhere", "store", "nowhere", "train.py")
line("empty-store", "analyze.py store=empty", "store", "empty", "train.py", prepare=empty_folder)
line("store-is-file", "analyze.py store=taken", "store", "taken", "file", prepare=a_file)
line("runs-typo", "analyze.py runs=tabel", "runs", "tabel", "table")
line("table-no-path", "analyze.py runs=table", "runs.path")
line("path-missing", "analyze.py runs=table runs.path=nowhere.csv", "runs.path", "nowhere.csv")
line("path-folder", "analyze.py runs=table runs.path=empty", "runs.path", "empty", "folder", prepare=empty_folder)
line("path-escape", "analyze.py runs=table 'runs.path=no\x1b[2Jwhere.csv'", "runs.path")
line("path-without-table", "analyze.py runs.path=t.csv", "runs.path", "runs=table", prepare=table)
line("group-of-table", "analyze.py runs=table runs.path=t.csv runs.group=g", "runs.group", prepare=table)
line("alpha-zero", "analyze.py analysis.alpha=0", "analysis.alpha", "0")
line("alpha-one", "analyze.py analysis.alpha=1", "analysis.alpha", "1")
line("alpha-nan", "analyze.py analysis.alpha=nan", "analysis.alpha", "nan")
line("show-no-cell", "analyze.py analysis.changed.show=imdb", "analysis.changed.show", "imdb", "SOURCE on TARGET")
line("show-number", "analyze.py analysis.changed.show=3", "analysis.changed.show", "SOURCE on TARGET")
line(
    "show-source",
    "analyze.py \"analysis.changed.show='imbd on goat'\"",
    "analysis.changed.show",
    "source 'imbd'",
    "imdb",
    prepare=store,
)
line(
    "show-target",
    "analyze.py \"analysis.changed.show='imdb on gaot'\"",
    "analysis.changed.show",
    "target 'gaot'",
    "goat",
    prepare=store,
)
line(
    "show-reference",
    "analyze.py analysis.reference=few_shot \"analysis.changed.show='imdb on goat'\"",
    "analysis.changed.show",
    "few_shot",
    prepare=store,
)
line("show-none", "analyze.py analysis.changed.examples=0", "analysis.changed.examples", "0", "1")
line("texts-word", "train.py tracking.texts=some", "tracking.texts", "some")
works(
    "show-table",
    "analyze.py runs=table runs.path=t.csv \"analysis.changed.show='a on rte'\"",
    "analysis.changed.show=a on rte: these scores came without prompts and answers",
    prepare=table,
    files={"results/scores.csv": "a,rte,"},
)
works(
    "show",
    "analyze.py \"analysis.changed.show='imdb on goat'\"",
    "imdb on goat: examples that fine-tuning won and lost",
    prepare=store,
    files={"results/changed/imdb_on_goat.md": "# imdb on goat"},
)
line("order-text", "analyze.py analysis.order=imdb", "analysis.order", "list")
line("figures-gif", "analyze.py 'analysis.figures=[gif]'", "analysis.figures", "gif", "png")
line("rows-none", "analyze.py 'analysis.rows=[]'", "analysis.rows", "source", prepare=store)
line("rows-typo", "analyze.py 'analysis.rows=[sorce]'", "analysis.rows", "sorce", prepare=store)
line("rows-twice", "analyze.py 'analysis.rows=[source,source]'", "analysis.rows", "source", prepare=store)
line("rows-no-source", "analyze.py 'analysis.rows=[seed]'", "analysis.rows", "source", prepare=store)
line("rows-rank-typo", "analyze.py 'analysis.rows=[source,lora.rnak]'", "analysis.rows", "lora.rnak", prepare=store)
line("homes-list", "analyze.py 'analysis.homes=[imdb]'", "analysis.homes")
line("homes-unknown", "analyze.py 'analysis.homes={imdb: nope}'", "analysis.homes", "nope", prepare=store)
line("homes-source", "analyze.py 'analysis.homes={nope: imdb}'", "analysis.homes", "nope", prepare=store)
line("abilities-list", "analyze.py 'analysis.abilities=[imdb]'", "analysis.abilities")
line("abilities-unknown", "analyze.py 'analysis.abilities={nope: x}'", "analysis.abilities", "nope", prepare=store)
line("abilities-nested", "analyze.py 'analysis.abilities={imdb: {a: b}}'", "analysis.abilities", "imdb", prepare=store)
line("resamples-few", "analyze.py analysis.gains.resamples=1", "analysis.gains.resamples", "1", "100")
line("draws-text", "analyze.py analysis.traits.noise_draws=many", "analysis.traits.noise_draws", "many")
line("refits-few", "analyze.py analysis.causes.refits=9", "analysis.causes.refits", "99")
line("relabelings-text", "analyze.py analysis.causes.relabelings=many", "analysis.causes.relabelings", "many")
line("swaps-few", "analyze.py analysis.class_shift.swaps=3", "analysis.class_shift.swaps", "3", "100")
line("condition-low", "analyze.py analysis.class_shift.condition=0.5", "analysis.class_shift.condition", "0.5", "1")
line("bins-one", "analyze.py analysis.calibration.bins=1", "analysis.calibration.bins", "1", "2")
line("confusion-option", "analyze.py analysis.confusion.bins=3", "analysis.confusion", "bins")
line("home-missing", "analyze.py analysis=paper analysis.traits.home=missing", "analysis.traits.home", "missing")
line("count-zero", "analyze.py analysis.traits.count=0", "analysis.traits.count", "0")
line("old-key", "analyze.py analysis.resamples=200", "analysis.resamples", "analysis.gains.resamples")
line("report-typo", "analyze.py report.htlm=false", "report.htlm", "html")
line("report-text", "analyze.py report.html=maybe", "report.html", "maybe")
line("report-number", "analyze.py report=false", "report")
line(
    "compare-nowhere", "analyze.py report.compare=nowhere", "report.compare", "nowhere", "gains_long.csv", prepare=store
)
line("compare-store", "analyze.py report.compare=runs", "report.compare", "runs", "gains_long.csv", prepare=store)
line("compare-without", "analyze.py report.compare=results report.html=false", "report.compare", "report.html=false")
line("gate-zero", "analyze.py gate.kept=0", "gate.kept", "0.01", status=2)
line("gate-percent", "analyze.py gate.kept=95", "gate.kept", "95", status=2)
line("gate-text", "analyze.py gate.kept=most", "gate.kept", "most", status=2)
line("gate-number", "analyze.py gate=0.95", "gate", status=2)
line("gate-typo", "analyze.py gate.keep=0.95", "gate.keep", "kept", status=2)
line("gate-of-training", "train.py gate.kept=0.95", "gate", status=2)
line("chance-number", "analyze.py analysis.forgetting.chance=0.5", "analysis.forgetting.chance", "{task: score}")
line(
    "chance-text",
    "analyze.py 'analysis.forgetting.chance={imdb: half}'",
    "analysis.forgetting.chance",
    "half",
    "number",
)
line("chance-negative", "analyze.py 'analysis.forgetting.chance={imdb: -1}'", "analysis.forgetting.chance", "-1")
line("chance-unknown", "analyze.py 'analysis.forgetting.chance={nope: 0.5}'", "chance", "nope", prepare=store, lines=20)
line(
    "chance-all",
    "analyze.py 'analysis.forgetting.chance={imdb: 1}'",
    "chance",
    "imdb",
    "below 1",
    prepare=store,
    lines=20,
)
line("no-ability", "analyze.py analysis.forgetting.no_ability=luck", "no_ability", "luck", "majority")
line("margin-zero", "analyze.py analysis.interventions.margin=0", "analysis.interventions.margin", "0")
line("lengths-swaps-few", "analyze.py analysis.lengths.swaps=10", "analysis.lengths.swaps", "10", "199")
line("relabelings-few", "analyze.py analysis.lengths.relabelings=0", "analysis.lengths.relabelings", "0", "199")
line("seed-text", "analyze.py runs.seed=x", "runs.seed", "x")
line("seed-absent", "analyze.py runs.seed=77", "runs.seed", "77", prepare=store)
line("source-absent", "analyze.py runs.source=imbd", "runs.source", "imbd", "imdb", prepare=store)
line("group-absent", "analyze.py runs.group=nope", "runs.group", "nope", prepare=store)
line("model-absent", "analyze.py runs.model=nope", "runs.model", "nope", prepare=store)
line("data-absent", "analyze.py runs.data=nope", "runs.data", "nope", prepare=store)
line(
    "units-word",
    "analyze.py runs=table runs.path=t.csv 'runs.units={rte: furlong}'",
    "runs.units",
    "furlong",
    prepare=table,
)
line(
    "units-target",
    "analyze.py runs=table runs.path=t.csv 'runs.units={nope: percent}'",
    "runs.units",
    "nope",
    prepare=table,
)
line("units-text", "analyze.py runs=table runs.path=t.csv runs.units=percent", "runs.units", "percent", prepare=table)
line("columns-key", "analyze.py runs=table runs.path=t.csv 'runs.columns={sorce: a}'", "sorce", prepare=table)
line("output-file", "analyze.py output=taken", "output", "taken", "file", prepare=a_file)
line("output-empty", "analyze.py output=", "output")
line("analyze-sweep", "analyze.py -m runs.seed=0,1", ("-m", "multirun", "sweep"), prepare=store)
line("analyze-train-key", "analyze.py source=imdb", "source")
line("train-analyze-key", "train.py runs.seed=0", "runs")
line(
    "tracking-project-slash",
    "analyze.py tracking.mode=offline tracking.project=a/b",
    "tracking.project",
    "a/b",
    prepare=store,
)
works("good-store", "analyze.py", "imdb", prepare=store, files={"results/scores.csv": "imdb,goat,"})

line("status-no-store", "status.py store=nowhere", "store", "nowhere")
line("status-empty-store", "status.py store=empty", "store", "empty", prepare=empty_folder)
line("status-sweep-unknown", "status.py sweep=nope", "sweep", "nope", prepare=store)
line("status-sweep-above", "status.py sweep=../..", "sweep", "../..", prepare=store)
line("status-sweep-root", "status.py sweep=/", "sweep", "/", prepare=store)
line("status-two-stores", "status.py store=a,b", "store", ("-m", "multirun", "one"))
line("status-typo", "status.py stor=runs", "stor", "store")
works("status", "status.py", "3 jobs", prepare=store)
