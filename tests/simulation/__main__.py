"""Simulations with planted truth, whose tables are in docs/statistics/.

Each part prints the table that names it there: ``python -m tests.simulation matrix``.
"""

import argparse

from tests.simulation import (
    abilities,
    base_row,
    calibrated,
    causes,
    class_shifts,
    confusions,
    difficulties,
    factors,
    floors,
    forgetting,
    home_cells,
    interventions,
    lengths,
    limits,
    linguistic,
    matrix,
    model_levels,
    moderation,
    replication,
    residual_traits,
    retention,
    rules,
    shared_seeds,
    shrinkage,
    similarity,
    trait_intervals,
    trait_names,
    turns,
    twins,
    unequal_rows,
    uneven_seeds,
)

PARTS = {
    "abilities": abilities.report,
    "matrix": matrix.report,
    "sizes": unequal_rows.report,
    "uneven": uneven_seeds.report,
    "floors": floors.report,
    "difficulties": difficulties.report,
    "moderation": moderation.report,
    "traits": residual_traits.report,
    "limits": limits.report,
    "turns": turns.report,
    "twins": twins.report,
    "scores": residual_traits.report_of_scores,
    "replication": replication.report,
    "similarity": similarity.report,
    "shrinkage": shrinkage.report,
    "rules": rules.report,
    "home": home_cells.report,
    "base": base_row.report,
    "levels": model_levels.report,
    "retention": retention.report,
    "seeds": shared_seeds.report,
    "intervals": trait_intervals.report,
    "names": trait_names.report,
    "factors": factors.report,
    "classes": class_shifts.report,
    "confusions": confusions.report,
    "calibration": calibrated.report,
    "forgetting": forgetting.report,
    "lengths": lengths.report,
    "linguistic": linguistic.report,
    "causes": causes.report,
    "interventions": interventions.report,
}


def _count(text: str) -> int:
    """A whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be a whole number, at least 1")
    return int(text)


def main() -> None:
    """Run the parts that the command line chooses."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--draws", type=_count, default=300, help="matrices of each kind (300); a third of the largest")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"{part}: not one of {', '.join(PARTS)}")
        print(f"\n{part}, {options.draws} draws\n", flush=True)
        PARTS[part](options.draws)


if __name__ == "__main__":
    main()
