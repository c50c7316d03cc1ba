"""Expected decisions: a table kept beside a policy that says who is let in, from where, by which rule. Pure.

A row names who asks, for what, from which device and network, in short; a list of services, devices, people, proofs or
networks stands for each of them in turn. What no row says, ``defaults`` say, and then the plainest case: it is a
Wednesday noon, the address lies in no named network, the proof is the one that the service usually gets. A mail program
stands on a sign-in, and so on its factors, by a token alone::

    version: 1
    defaults: {user: mika, factors: [password, totp]}
    people: {mika: {groups: [staff]}}
    devices: {laptop: {trust: managed, platform: macos, meets: healthy}}
    tests:
      - {name: staff read their mail, service: [webmail, imap], device: laptop, expect: allow}
      - {name: not on a lost one, service: [webmail, imap], device: lost, expect: deny, rule: lost devices get nothing}

Faults come with their place and the nearest word, like those of a policy.
"""
