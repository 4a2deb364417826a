"""Names of sources and targets where there is little room."""


def abbreviated(names: list[str], width: int) -> list[str]:
    """Names cut to a width, and to be told apart still.

    Parameters
    ----------
    names : list of str
        Distinct names.
    width : int
        Letters allowed, at least 6.

    Returns
    -------
    list of str
        Each name where it fits, else its two ends; where two would come out alike, its beginning and its
        place among the names.

    Examples
    --------
    >>> abbreviated(["mnli", "mnli_words", "flipkart_2023", "flipkart_1923"], 6)
    ['mnli', 'mnl…ds', 'fli…3', 'fli…4']
    """
    short = [name if len(name) <= width else f"{name[: width - 3]}…{name[-2:]}" for name in names]
    return [
        text if short.count(text) == 1 else f"{name[: width - 3]}…{place}"
        for place, (name, text) in enumerate(zip(names, short, strict=True), start=1)
    ]
