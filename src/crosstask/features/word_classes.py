"""Closed classes of English words, which a text can be searched for without a parser.

A word that belongs to several classes (``that``, ``her``, ``like``) is in the one where it is most often: these are
rough counts, and parts of speech of a parser are better ones.
"""


def _words(text: str) -> frozenset[str]:
    """Return the words of a text, in which apostrophes are left out: ``don't`` and ``dont`` are the same."""
    return frozenset(text.split())


NEGATIONS = _words(
    "no not none nobody nothing nowhere never neither nor without cannot nt aint isnt arent wasnt werent dont doesnt"
    " didnt hasnt havent hadnt wont wouldnt cant couldnt shouldnt mustnt"
)
QUESTION_WORDS = _words("who whom whose what which when where why how")
PRONOUNS = _words(
    "i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers"
    " herself it its itself they them their theirs themselves one oneself someone somebody something anyone anybody"
    " anything everyone everybody everything"
)
DETERMINERS = _words(
    "a an the this that these those some any each every all both either another such much many few several"
)
PREPOSITIONS = _words(
    "of in to for with on at from by about as into like through after over between out against during before under"
    " around among per via upon within across behind beyond toward towards near off above below up down"
)
CONJUNCTIONS = _words("and or but so because although though while if unless until since whether than")
AUXILIARIES = _words(
    "am is are was were be been being have has had having do does did will would shall should can could may might must"
    " ought"
)
COMPARISONS = _words("more most less least fewer fewest than as twice half double triple times")
NUMBER_WORDS = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion first"
    " second third half dozen"
)
FUNCTION_WORDS = NEGATIONS | QUESTION_WORDS | PRONOUNS | DETERMINERS | PREPOSITIONS | CONJUNCTIONS | AUXILIARIES
"""All of these but comparisons and numbers."""
