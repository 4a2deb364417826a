"""The example in docs/ is what its script writes."""

import pandas as pd

from tests.simulation.example_table import FOLDER, example


def test_the_files_beside_the_page_are_those_of_the_script():
    for made, name in zip(example(), ("example_traits.csv", "example_traits_truth.csv"), strict=True):
        pd.testing.assert_frame_equal(pd.read_csv(FOLDER / name), made, check_dtype=False)
