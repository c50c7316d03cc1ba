"""What replay, trial and counters found, as plain JSON values, for the API, the console and the command line."""

from collections import Counter
from typing import Any

from idp.admin.replaying import Job
from idp.admin.tally import RuleRow, TrialTally, Watched
from idp.admin.trials import Shown
from kernel.audit import Entry
from kernel.records.trials import PolicyTrial
from policies.replay import Example, Group, Replayed

Json = dict[str, Any]

MOST = 1000
"""Lines of one table at most; how many there are is told beside."""
ROW = (
    *("at", "user", "device_id", "address", "session", "service", "outcome", "rule", "revision"),
    *("would", "would_rule", "turn", "fault", "again", "client", "trial"),
)


def job(one: Job) -> Json:
    """Return a replay: how far it is, and what it found so far."""
    wish = one.wish
    return {
        "id": one.id,
        "actor": one.actor,
        "state": one.state.value,
        "began_at": one.began_at,
        "ended_at": one.ended_at,
        "done": one.done,
        "total": one.total,
        "wish": {
            "draft": wish.text is not None,
            "revision": wish.revision,
            "against": wish.against,
            "since": wish.since,
            "limit": wish.limit,
        },
        "found": replayed(one.found),
    }


def replayed(found: Replayed) -> Json:
    """Return what came of a replay."""
    return {
        "seen": found.seen,
        "replayed": found.replayed,
        "same": found.same,
        "faults": found.faults,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "moved": group(found.moved),
        "turned": {turn.value: group(one) for turn, one in found.turned.items()},
        "unreadable": counted(found.unreadable, "why"),
        "others": counted(found.others, "reason"),
        "revisions": counted(found.revisions, "revision"),
        "reports": [
            {"rule": rule, "would": would.value, "outcome": outcome.value, "decisions": count}
            for (rule, would, outcome), count in found.reports.most_common(MOST)
        ],
    }


def group(one: Group) -> Json:
    """Return decisions that came out otherwise in one way: who, where, by which rules, and examples."""
    people = sorted(one.people.items(), key=lambda pair: (-pair[1].decisions, pair[0]))
    return {
        "decisions": one.decisions,
        "people": len(people),
        "users": [
            {
                "user": name,
                "decisions": person.decisions,
                "last_at": person.last_at,
                "services": sorted(person.services),
            }
            for name, person in people
        ],
        "services": counted(one.services, "service"),
        "rules": [
            {"was": was, "would": would, "decisions": count} for (was, would), count in one.rules.most_common(MOST)
        ],
        "examples": [example(each) for each in one.examples],
    }


def example(one: Example) -> Json:
    """Return one decision that would have come out otherwise."""
    recorded = one.recorded
    return {
        "number": one.number,
        "at": recorded.at,
        "reference": recorded.reference,
        "user": recorded.user,
        "device_id": recorded.device_id,
        "device": one.device,
        "address": recorded.address,
        "service": recorded.service,
        "session": recorded.session,
        "revision": recorded.revision,
        "was": one.was.value,
        "was_rule": one.was_rule,
        "would": one.would.value,
        "would_rule": one.would_rule,
    }


def counted(counter: Counter[Any], name: str) -> list[Json]:
    """Return a counter as a table, most first."""
    return [{name: key, "decisions": count} for key, count in counter.most_common(MOST)]


def trial(one: PolicyTrial, text: bool = False) -> Json:
    """Return a trial, with its document when wanted."""
    head = {
        "number": one.number,
        "author": one.author,
        "at": one.at,
        "comment": one.comment,
        "running": one.running,
        "ended_at": one.ended_at,
        "ended_by": one.ended_by,
    }
    return {**head, "text": one.text} if text else head


def shown(one: Shown) -> Json:
    """Return a trial with its counters and its latest rows."""
    return {
        "trial": trial(one.trial),
        "counters": tally(one.tally),
        "items": [difference(each, one.live) for each in one.rows],
    }


def tally(one: TrialTally) -> Json:
    """Return what was counted of a trial."""
    return {
        "judged": one.judged,
        "differed": sum(one.turned.values()),
        "faults": one.faults,
        "last_at": one.last_at,
        "turned": dict(one.turned),
        "users": counted(one.users, "user"),
        "services": counted(one.services, "service"),
        "rules": [
            {"rule": rule, "would_rule": would, "turn": turn, "decisions": count}
            for (rule, would, turn), count in one.rules.most_common(MOST)
        ],
    }


def difference(entry: Entry, live: frozenset[str]) -> Json:
    """Return one decision where a trial differed; ``live``: whether the session lives now."""
    fields = entry.fields
    told = {name: fields.get(name, "") for name in ROW}
    return {"number": entry.number, **told, "live": fields["session"] in live}


def rule(one: RuleRow) -> Json:
    """Return the counters of one rule."""
    return {
        "rule": one.rule,
        "outcome": one.outcome,
        "report": one.report,
        "today": one.today,
        "day": one.day,
        "live": one.live,
        "last_at": one.last_at,
        "would": dict(one.would),
    }


def watched(one: Watched) -> Json:
    """Return a decision that a rule in ``mode: report`` would have made."""
    seen = one.seen
    return {
        "number": one.number,
        "watching": one.rule,
        "at": seen.at,
        "user": seen.user,
        "service": seen.service,
        "session": seen.session,
        "outcome": seen.outcome,
        "rule": seen.rule,
        "reference": seen.reference,
    }
