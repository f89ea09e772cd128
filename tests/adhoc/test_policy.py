"""I17: what is accepted was allowed by the policy of the diagram, and what was allowed is accepted.

The policy is worked out here anew, from the attributes that were drawn and from who did what, without a line of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drawing import draw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import Clock, task

from caseloom.adhoc import Insert, Revisit, Skip, options
from caseloom.engine import Complete, Engine, Person
from caseloom.engine.commands import Command

GROUPS = {
    "ann": {"clerks"},
    "bea": {"clerks", "others"},
    "ben": {"bosses"},
    "mia": {"case-managers"},
    "eve": {"break-glass", "others"},
    "zoe": set(),
}
PEOPLE = {name: Person(name, sorted(groups)) for name, groups in GROUPS.items()}
STEPS = ("a", "b", "c", "d")
Attributes = Mapping[str, Mapping[str, str]]

_groups = st.sampled_from(["", "clerks", "bosses", "others,bosses", "case-managers"])
_rights = st.fixed_dictionaries(
    {},
    optional={
        "skipGroups": _groups,
        "revisitGroups": _groups,
        "insertGroups": _groups,
        "skipWhen": st.sampled_from(["amount < 10", "amount >= 10", 'request.state = "waiting"', "nothing"]),
        "revisitWhen": st.sampled_from(["amount < 10", "amount >= 10", 'request.by = "ann"']),
        "insertWhen": st.sampled_from(["amount < 10", "amount >= 10"]),
        "fourEyes": st.sampled_from(["true", "false"]),
        "pointOfNoReturn": st.sampled_from(["true", "false"]),
    },
)


@dataclass
class Policy:
    """The rules, as `docs/ad-hoc.md` has them."""

    named: Mapping[str, Sequence[str]]  # the candidate groups of each step
    drawn: Attributes
    amount: int
    did: dict[str, str] = field(default_factory=dict)  # which steps are done, and by whom

    def may(self, person: str, command: Command) -> bool:
        if isinstance(command, Insert):
            return self._right("insert", person, command.before)
        if isinstance(command, Skip):
            marked = self.drawn.get(command.target, {}).get("fourEyes") == "true"
            return self._right("skip", person, command.target) and (not marked or self._glass(person))
        assert isinstance(command, Revisit)
        fallen = STEPS[STEPS.index(command.target) :]
        return all(self._may_fall(person, step) for step in fallen if step in self.did)

    def _glass(self, person: str) -> bool:
        return "break-glass" in GROUPS[person]

    def _right(self, operation: str, person: str, step: str | None) -> bool:
        state = "to come" if step is None or step in self.did or step != self.waits() else "waiting"
        if self._glass(person):
            return True
        if not self._condition(operation, person, step, state):
            return False
        groups = self._groups(operation, step)
        if groups is not None:
            return not groups.isdisjoint(GROUPS[person])
        if "case-managers" in GROUPS[person] or state == "to come":
            return True
        return self._is_for(person, step)

    def _may_fall(self, person: str, step: str) -> bool:
        if self._glass(person):
            return True
        own = self.drawn.get(step, {})
        if own.get("pointOfNoReturn") == "true" and "case-managers" not in GROUPS[person]:
            return False
        if own.get("fourEyes") == "true" or not self._condition("revisit", person, step, "done"):
            return False
        groups = self._groups("revisit", step)
        if groups is not None:
            return not groups.isdisjoint(GROUPS[person])
        manages = "case-managers" in GROUPS[person]
        return manages or self.did[step] == person or self._is_for(person, step)

    def _is_for(self, person: str, step: str | None) -> bool:
        named = self.named.get(step or "", ())
        return not named or not GROUPS[person].isdisjoint(named)

    def _groups(self, operation: str, step: str | None) -> set[str] | None:
        for place in (step, "case"):
            text = self.drawn.get(place or "", {}).get(f"{operation}Groups")
            if text is not None:
                return {part for part in text.split(",") if part}
        return None

    def _condition(self, operation: str, person: str, step: str | None, state: str) -> bool:
        for place in (step, "case"):
            text = self.drawn.get(place or "", {}).get(f"{operation}When")
            if text is not None:
                return {
                    "amount < 10": self.amount < 10,
                    "amount >= 10": self.amount >= 10,
                    'request.state = "waiting"': state == "waiting",
                    'request.by = "ann"': person == "ann",
                    "nothing": False,
                }[text]
        return True

    def waits(self) -> str | None:
        return next((step for step in STEPS if step not in self.did), None)


@st.composite
def policies(draw_: st.DrawFn) -> tuple[Policy, int]:
    named = {step: draw_(st.sampled_from([[], ["clerks"], ["bosses"], ["others"]])) for step in STEPS}
    drawn = {place: draw_(_rights) for place in (*STEPS, "case")}
    drawn["case"] = {name: text for name, text in drawn["case"].items() if name != "pointOfNoReturn"}
    return Policy(named, drawn, draw_(st.sampled_from([5, 50]))), draw_(st.integers(0, 3))


def commands(policy: Policy) -> list[Command]:
    found: list[Command] = [Insert("X", reason="r")]
    for step in STEPS:
        if step in policy.did:
            found.append(Revisit(step, reason="r"))
        elif step == policy.waits():
            found += [Skip(step, reason="r"), Insert("X", before=step, reason="r")]
        else:
            found += [Skip(step, reason="r", when="next"), Insert("X", before=step, reason="r")]
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(policies(), st.lists(st.sampled_from(sorted(GROUPS)), min_size=3, max_size=3))
def test_exactly_what_the_policy_allows_is_accepted(found: tuple[Policy, int], doers: Sequence[str]) -> None:
    policy, done = found
    line = " > ".join(
        f"{step.upper()} <groups={','.join(policy.named[step])}>" if policy.named[step] else step.upper()
        for step in STEPS
    )
    attributes = {
        place: {f"caseloom:{name}": text for name, text in own.items()} for place, own in policy.drawn.items()
    }
    with Engine("sqlite://", clock=Clock(), people=PEOPLE.get) as house:
        house.deploy(("drawn.bpmn", draw(line, attributes=attributes)))
        case = house.start("case", data={"amount": policy.amount})
        for step, doer in zip(STEPS[:done], doers, strict=False):
            own = task(house, case, step.upper()).id
            named = policy.named[step]
            by = doer if not named or not GROUPS[doer].isdisjoint(named) else "mia"
            house.do(case.id, Complete(own), by=by)
            policy.did[step] = by

        for person in GROUPS:
            accepted = {
                str(command)
                for command in commands(policy)
                if house.preview(case.id, command, by=person).refusal is None
            }
            allowed = {str(command) for command in commands(policy) if policy.may(person, command)}
            assert accepted == allowed, person
            revisits = [one.element_id for one in options(house, case.id, by=person).revisit]
            assert revisits == [step for step in policy.did if str(Revisit(step, reason="r")) in allowed]
