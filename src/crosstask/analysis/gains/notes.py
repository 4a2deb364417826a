"""What the reader must know of the tests of gains."""

import pandas as pd

from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.moderation import FEWEST
from crosstask.analysis.wording import counted


def gain_notes(gains: pd.DataFrame, inference: Inference) -> list[str]:
    """Return lines on what was tested and how, and what was not."""
    off_home = gains[~gains["home"]]
    tested = off_home[off_home["p"].notna()]
    notes = []
    if tested.empty:
        single = "; n = 1 says nothing of the error of a score" if (gains["n"] == 1).any() else ""
        return [
            f"no gain can be tested: that takes answers, standard errors or n of the scores, or several seeds{single}"
        ]
    found = tested[tested["significant"]]
    differ = f"{counted(len(tested), 'gain')} off the diagonal {'differs' if len(tested) == 1 else 'differ'}"
    notes.append(
        f"{len(found)} of {differ} from 0 at a false discovery rate of {inference.alpha:g}:"
        f" {(found['gain'] > 0).sum()} up, {(found['gain'] < 0).sum()} down"
    )
    if len(tested) < len(off_home):
        untested = counted(len(off_home) - len(tested), "gain")
        single = " (n = 1 says nothing of them)" if (off_home.loc[off_home["p"].isna(), "n"] == 1).any() else ""
        notes.append(f"{untested} off the diagonal cannot be tested: errors are not known{single}")
    kinds = set(tested["test"])
    if (gains["seeds"] > 1).sum() >= FEWEST:
        notes.append(
            "the variance between seeds of each cell is moderated by that of its source, and this by that of other"
            " sources"
        )
    if kinds & {"unpaired_z", "unpaired_t"}:
        notes.append("without answers no test can pair examples: errors of two scores are taken to be independent")
    smallest = 1 / (inference.flips + 1)
    if "sign_flip" in kinds and smallest * len(tested) > inference.alpha:
        among = counted(len(tested), "cell")
        notes.append(f"sign-flip tests give no p below {smallest:.1g}: a lone effect among {among} is missed")
    return notes
