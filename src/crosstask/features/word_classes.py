"""Closed classes of English words, which a text can be searched for without a parser.

A word that belongs to several classes (``that``, ``her``, ``like``) is in the one where it is most often: these are
rough counts, and parts of speech of a parser are better ones.
"""

NEGATIONS = frozenset(
    "no not none nobody nothing nowhere never neither nor without cannot nt aint isnt arent wasnt werent dont doesnt"
    " didnt hasnt havent hadnt wont wouldnt cant couldnt shouldnt mustnt".split()
)
"""Words that negate, apostrophes left out: ``don't`` and ``dont`` are the same."""
QUESTION_WORDS = frozenset("who whom whose what which when where why how".split())
PRONOUNS = frozenset(
    "i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers"
    " herself it its itself they them their theirs themselves one oneself someone somebody something anyone anybody"
    " anything everyone everybody everything".split()
)
DETERMINERS = frozenset(
    "a an the this that these those some any each every all both either another such much many few several".split()
)
PREPOSITIONS = frozenset(
    "of in to for with on at from by about as into like through after over between out against during before under"
    " around among per via upon within across behind beyond toward towards near off above below up down".split()
)
CONJUNCTIONS = frozenset("and or but so because although though while if unless until since whether than".split())
AUXILIARIES = frozenset(
    "am is are was were be been being have has had having do does did will would shall should can could may might must"
    " ought".split()
)
COMPARISONS = frozenset("more most less least fewer fewest than as twice half double triple times".split())
NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion first"
    " second third half dozen".split()
)
FUNCTION_WORDS = NEGATIONS | QUESTION_WORDS | PRONOUNS | DETERMINERS | PREPOSITIONS | CONJUNCTIONS | AUXILIARIES
"""All of these but comparisons and numbers."""
