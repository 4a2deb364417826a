from crosstask.report.names import abbreviated


def test_abbreviated_names_stay_distinct_and_short():
    names = [f"benchmark_{number}_accuracy" for number in range(50)] + ["mnli"]
    short = abbreviated(names, 7)
    assert len(set(short)) == len(names)
    assert max(map(len, short)) <= 7
    assert short[-1] == "mnli"
