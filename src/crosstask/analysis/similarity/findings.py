"""What the tests of similarity say, in one line."""

import pandas as pd

from crosstask.analysis.wording import counted


def similarity_finding(tests: pd.DataFrame) -> str:
    """Which measures of similarity go with the gains off the diagonal, the strongest first."""
    tested = tests[tests["p"].notna()]
    if tested.empty:
        return "No measure of similarity could be tested"
    found = tested[tested["significant"]].sort_values("correlation", key=abs, ascending=False)
    verb = "goes" if len(found) < 2 else "go"
    measures = f"{len(found) or 'None'} of {counted(len(tested), 'measure')} of similarity"
    line = f"{measures} {verb} with the gains off the diagonal"
    if len(found):
        return f"{line}: " + ", ".join(f"{row.measure} {row.correlation:+z.2f}" for row in found.itertuples())
    closest = tested.loc[tested["q"].idxmin()]
    return f"{line} (nearest: {closest['measure']} {closest['correlation']:+z.2f}, q = {closest['q']:z.2f})"
