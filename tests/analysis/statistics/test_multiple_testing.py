"""False discovery rates against a published example."""

import numpy as np
import pytest

from crosstask.analysis.statistics.multiple_testing import false_discovery_rates


def test_false_discovery_rates_of_the_example_by_benjamini_and_hochberg():
    # 1995, section 3.2: 15 p values, of which the first four are discoveries at 0.05
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    q = false_discovery_rates(p)
    assert (q <= 0.05).sum() == 4
    assert q[3] == pytest.approx(0.0095 * 15 / 4)


def test_what_was_not_tested_is_no_test():
    with_gap = false_discovery_rates([0.01, np.nan, 0.04])
    assert with_gap[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(with_gap[1])
    assert np.isnan(false_discovery_rates([np.nan])).all()
