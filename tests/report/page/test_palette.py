"""Colors: what is read on them, and that both ends can be told apart."""

import pytest

from crosstask.report.page.palette import LEGENDS, colors, contrast, rules


@pytest.mark.parametrize("dark", [False, True])
def test_every_number_can_be_read_on_its_color(dark: bool):
    found = colors(dark)
    assert set(found) == {step for steps in LEGENDS.values() for step in steps}
    assert min(contrast(paper, ink) for paper, ink in found.values()) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_steps_go_one_way_from_the_middle(dark: bool):
    found = colors(dark)
    for side in "np":
        lightness = [sum(found[f"{side}{step}"][0]) for step in range(1, 9)]
        assert lightness == sorted(lightness, reverse=not dark)


def test_gains_are_blue_and_losses_red_as_in_the_figures():
    for dark in (False, True):
        found = colors(dark)
        for step in range(2, 9):
            red, _, blue = found[f"n{step}"][0]
            assert red > blue
            red, _, blue = found[f"p{step}"][0]
            assert blue > red
    assert ".p8 { background: #053061; color: #ffffff; }" in rules(dark=False)
