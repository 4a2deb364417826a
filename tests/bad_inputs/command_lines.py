"""Command lines of train.py: overrides, sweeps, choices, quoting, places."""

from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import Kind

KIND = Kind("command line")
line, works = KIND.line, KIND.works


def a_file(work: Workplace) -> None:
    """a file `taken`"""
    work.write("taken", "")


# Values of the wrong type or size.
line("rank-nan", "train.py source=imdb lora.rank=nan", "lora.rank", "nan")
line("rank-eight", "train.py source=imdb lora.rank=eight", "lora.rank", "eight")
line("rank-list", "train.py source=imdb 'lora.rank=[8]'", "lora.rank", "[8]")
line("rank-mapping", "train.py source=imdb 'lora.rank={a: 8}'", "lora.rank")
line("rank-empty", "train.py source=imdb lora.rank=", "lora.rank")
line("rank-zero", "train.py source=imdb lora.rank=0", "lora.rank", "0", "1")
line("rank-huge", "train.py source=imdb lora.rank=1000000000", "lora.rank", "1000000000")
line("alpha-negative", "train.py source=imdb lora.alpha=-1", "lora.alpha", "-1")
line("dropout-one", "train.py source=imdb lora.dropout=1", "lora.dropout", "1")
line("rate-nan", "train.py source=imdb optimizer.learning_rate=nan", "optimizer.learning_rate", "nan")
line("rate-inf", "train.py source=imdb optimizer.learning_rate=inf", "optimizer.learning_rate", "inf")
line("rate-comma", "train.py source=imdb 'optimizer.learning_rate=1,5'", "optimizer.learning_rate", ("-m", "sweep"))
line("rate-huge", "train.py source=imdb optimizer.learning_rate=1e30", ("learning_rate", "nan", "finite"))
line("rate-zero", "train.py source=imdb optimizer.learning_rate=0", ("learning_rate", "no effect"))
line("clip-minus-inf", "train.py source=imdb optimizer.clip=-inf", "optimizer.clip", "-inf")
line("seed-2-64", "train.py source=imdb seed=18446744073709551616", "seed", "18446744073709551616")
line("seed-minus-2-64", "train.py source=imdb seed=-18446744073709551616", "seed", "-18446744073709551616")
line("data-seed-2-64", "train.py source=imdb data.seed=18446744073709551616", "data.seed", "18446744073709551616")
line("seed-fraction", "train.py source=imdb seed=1.5", "seed", "1.5")
line("seed-truth", "train.py source=imdb seed=true", "seed", "true")
line("seed-wide-digit", "train.py source=imdb seed=３", "seed", "３")
line("seed-null", "train.py source=imdb seed=null", "seed")
line("batch-zero", "train.py source=imdb trainer.batch_size=0", "trainer.batch_size", "0")
line("steps-zero", "train.py source=imdb trainer.max_steps=0", ("trainer.max_steps", "max_steps=0"))
line("rows-negative", "train.py source=imdb data.train_rows=-5", "data.train_rows", "-5")
line("held-out-all", "train.py source=imdb trainer.held_out=0.99", "trainer.held_out", "0.99")
line("accelerator", "train.py source=imdb trainer.accelerator=quantum", "trainer.accelerator", "quantum")
line("new-tokens-zero", "train.py scoring.max_new_tokens=0", "scoring.max_new_tokens", "0")
line("timeout-negative", "train.py tracking.init_timeout=-1", "tracking.init_timeout", "-1")
line("tags-text", "train.py tracking.tags=a", "tracking.tags", "a")
line("control-tokens", "train.py data.control_tokens=maybe", "data.control_tokens", "maybe", "plain", "keep")
line("mode-typo", "train.py tracking.mode=onlin", "tracking.mode", "onlin", "online")
line("modules-unknown", "train.py source=imdb 'lora.target_modules=[nope]'", "lora.target_modules", "nope")
line("modules-none", "train.py source=imdb 'lora.target_modules=[]'", "lora.target_modules", "[]")
line("modules-output", "train.py source=imdb 'lora.target_modules=[q_proj,3]'", "lora.target_modules", "3")
line("dora-pissa", "train.py source=imdb lora=dora lora.init=pissa", "lora.init", "pissa", "dora")
line("ia3-rank", "train.py source=imdb lora=ia3 lora.rank=4", "lora.rank", "ia3")
line("rescore-train", "train.py rescore=true", "rescore", "evaluate.py")
line("project-slash", "train.py tracking.mode=offline tracking.project=a/b", "tracking.project", "a/b")

# Keys and choices.
line("key-typo", "train.py lora.rnak=4", "lora.rnak", "rank")
line("key-added", "train.py +lora.rnak=4", "lora.rnak", "rank")
line("key-of-value", "train.py lora.rank.min=4", "lora.rank")
line("key-deleted", "train.py ~lora.rank", "lora.rank")
line("key-empty", "train.py =4", "=4")
line("key-dots", "train.py lora..rank=4", "lora..rank")
works("key-forced", "train.py ++lora.rank=4", "done")
line("word", "train.py imdb", "imdb", "=")
line("two-words", "train.py source imdb", "source", "=")
line("two-equals", "train.py source==imdb", "source", "=imdb")
line("en-dash", "train.py –m source=imdb", "–m")
line("source-null", "train.py source=null", "source", "null")
line("source-empty", "train.py source=", "source")
line("source-typo", "train.py source=imbd", "source", "imbd", "'imdb'")
line("source-case", "train.py source=IMDB", "source", "IMDB", "'imdb'")
line("source-path", "train.py source=../../etc/passwd", "source", "../../etc/passwd")
line("source-long", f"train.py source={'x' * 10_000}", "source", "xxx")
line("source-nested", "train.py 'source=[[imdb],goat]'", "source", "[imdb]")
line("source-none", "train.py 'source=[]'", "source", "[]")
line("source-base-mixed", "train.py 'source=[imdb,base]'", "source", "base")
works("source-twice-mixed", "train.py 'source=[imdb,imdb]'", "imdb", "done")
works("source-twice", "train.py source=imdb source=goat", "goat", "done")
line("source-target-only", "train.py source=bbh_navigate", "source", "bbh_navigate")
line("target-source-only", "train.py target=metamath", "target", "metamath")
line("target-none", "train.py 'target=[]'", "target", "[]")
line("target-base", "train.py target=base", "target", "base")
line("suite-typo", "train.py suite=papr", "suite", "papr", "paper")
line("model-bare", "train.py model=local model.path=null", "model.path")
line("launcher-typo", "train.py launcher=paralel", "launcher", "paralel", "parallel")
line("hydra-key", "train.py hydra.nope=1", "hydra.nope")
line("config-name", "train.py --config-name=nope", "nope")
line("option-unknown", "train.py --sorce imdb", "--sorce")
line("help-unknown", "train.py --help nope", "nope", "lora")
works("help", "train.py --help lora", "lora.rank", "rank of the update")
works("config-shown", "train.py source=imdb target=imdb --cfg job", "source:", "imdb")

# Interpolation and odd characters.
line("variable-unknown", "train.py 'lora.rank=${RANK}'", "RANK")
line("variable-environment", "train.py 'lora.rank=${oc.env:NO_SUCH_VARIABLE}'", "NO_SUCH_VARIABLE")
line("variable-itself", "train.py 'seed=${seed}'", "seed")
line("variable-open", "train.py 'tracking.group=${store'", "tracking.group", "${store")
line("quote-open", 'train.py "tracking.group=\'a"', "tracking.group")
line("escape", "train.py 'source=im\x1b[2Jdb'", "source")
line("direction", "train.py 'source=\u202ebdmi'", "source", "\\u202e")
line("half-surrogate", "train.py data=local data.root=nowhere-\udcff", "data.root", "nowhere")
line("emoji-key", "train.py 🦙=1", "🦙")

# Sweeps.
line("sweep-without-m", "train.py source=imdb seed=0,1", "seed", ("-m", "multirun"))
line("sweep-empty", "train.py -m source=", "source")
line("sweep-empty-range", "train.py -m 'seed=range(0,0)'", "seed", "range")
line("sweep-empty-choice", "train.py -m 'seed=choice()'", "seed", "choice")
line("sweep-huge", "train.py -m 'seed=range(0,100000000)'", "seed", "100000000")
line("sweep-glob-nothing", "train.py -m 'source=glob(imbd*)'", "source", "imbd*")
line("sweep-glob-key", "train.py -m 'seed=glob(*)'", "seed", "glob")
line("sweep-one-bad", "train.py -m source=imdb lora.rank=4,eight", "lora.rank", "eight")
line("sweep-nan", "train.py -m source=imdb optimizer.learning_rate=1e-3,nan", "optimizer.learning_rate", "nan")
line("sweep-target-typo", "train.py -m source=imdb target=imdb,nope", "target", "nope")
line("sweep-jobs-zero", "train.py -m launcher=parallel hydra.launcher.n_jobs=0", "n_jobs", "0", lines=8)
line("sweep-jobs-text", "train.py -m launcher=parallel hydra.launcher.n_jobs=all", "n_jobs", "all")
works("sweep-same-twice", "train.py -m source=base,base", "2 jobs", "1 reused")

# Places.
line("data-root-missing", "train.py data=local data.root=nowhere", "data.root", "nowhere")
line("data-root-null", "train.py data=local data.root=null", "data.root")
line("data-root-file", "train.py data=local data.root=taken", "data.root", "taken", "file", prepare=a_file)
line("model-missing", "train.py model=local model.path=./nowhere", "model.path", "./nowhere")
line("model-empty", "train.py model=local model.path=", "model.path")
line("encoder-missing", "train.py encoder=./nowhere", "encoder", "./nowhere")
line("parser-missing", "train.py parser=./nowhere", "parser", "./nowhere")
line("store-file", "train.py store=taken", "store", "taken", "file", prepare=a_file)
line("store-below-file", "train.py store=taken/runs", "store", "taken", "file", prepare=a_file)
line("store-empty", "train.py store=", "store")
line("store-home", "train.py 'store=~/runs'", "store", "~")
line("store-null", "train.py store=null", "store")
line("store-long", f"train.py store={'x' * 5000}", "store", "too long")
works("store-odd", "train.py \"store='my runs=ü,🦙'\"", "done", files={"my runs=ü,🦙/records/*.json": '"base"'})
line("store-proc", "train.py store=/proc/runs", "/proc/runs")

# Variants of a source.
line("variant-typo", "train.py source=imdb variant=balance", "variant", "balance", "balanced")
line("variant-kind-typo", "train.py source=imdb variant.kind=wrong", "variant.kind", "wrong", "wrong_labels")
line(
    "variant-share-large", "train.py source=imdb variant=share_wrong variant.share=25", "variant.share", "25", "0 to 1"
)
line("variant-share-percent", "train.py source=imdb variant=share_wrong variant.share=25%", "variant.share", "25%")
line("variant-share-unused", "train.py source=imdb variant=balanced variant.share=0.5", "variant.share", "share_wrong")
line("variant-share-lacking", "train.py source=imdb variant.kind=share_wrong", "variant.share", "no value")
line(
    "variant-shares-sum",
    "train.py source=imdb variant=shares 'variant.shares={0: 0.5, 1: 0.6}'",
    "variant.shares",
    "1.1",
)
line(
    "variant-shares-list", "train.py source=imdb variant=shares 'variant.shares=[0.5,0.5]'", "variant.shares", "mapping"
)
line(
    "variant-shares-word",
    "train.py source=imdb variant=shares 'variant.shares={0: half}'",
    "variant.shares",
    "half",
    "0 to 1",
)
line("variant-seed-none", "train.py source=imdb variant.seed=3", "variant.seed", "3", "none")
line("variant-seed-negative", "train.py source=imdb variant=wrong_labels variant.seed=-1", "variant.seed", "-1")
works("variant-of-base", "train.py source=base variant=balanced", "inapplicable", "base")
works("variant-without-sense", "train.py source=gsm8k variant=word_labels", "inapplicable", "gsm8k", "classes")
works("variant-label-unknown", "train.py source=imdb variant=shares 'variant.shares={good: 1.0}'", "good", "0, 1")
