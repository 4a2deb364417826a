"""Lines on what a decomposition leaves out, and on cells that it fills."""

from crosstask.analysis.matrix.decomposed import Decomposed
from crosstask.analysis.wording import listed


def left_out_lines(data: Decomposed) -> list[str]:
    """One line for each reason."""
    alike = "all score alike" if data.settings_count == 1 else "all of one setting score alike"
    reasons = {
        f"components leave out sources with {data.sources_lack}": data.incomplete_sources,
        f"components leave out targets with {data.targets_lack}": data.unscored_targets,
        f"components leave out targets that {alike}": data.constant_targets,
        "not projected, for want of a score or of rows of the same settings": data.unprojected,
    }
    lines = [f"{reason}: {listed(names)}" for reason, names in reasons.items() if names]
    if data.filled:
        lines.append(f"components fill {data.filled} missing scores by iterative PCA, in their noise as well")
    return lines
