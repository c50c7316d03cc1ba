"""What a policy means, over all facts that a decision may ever be asked about: what changes between two of them (diff),
whether an invariant can be broken (prove).

::

    policies -> fields (what facts they tell apart) -> space (finite dimensions) -> reading (outcomes, as formulas)
             -> questions to z3 -> examples (facts) -> confirmed by ``policies.decide`` -> answers, in words

z3 is touched by ``logic`` alone, and ``answers`` and ``telling`` do without: import the others only where they are
used. Nothing is shown that ``decide`` did not confirm; what was not settled in time is "not decided", never "the same".
"""
