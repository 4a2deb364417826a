import gc

import pytest

from crosstask.commands.collection import collected_rarely


def test_the_collector_is_as_it_was_after_an_error():
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="no matrix"), collected_rarely():
        assert gc.get_threshold()[0] > before[0]
        raise ValueError("no matrix")
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
