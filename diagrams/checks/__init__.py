"""The checks of a diagram before it runs: one rule, one function, one finding with its element.

check(sources)   what is wrong in files that are to be deployed together
RULES            every rule, in the order of the documentation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from caseloom.diagrams.checks import (
    ad_hoc,
    data,
    events,
    expressions,
    flows,
    gateways,
    listeners,
    references,
    repeats,
    scopes,
    supported,
    tokens,
    variables,
    vendors,
    work,
)
from caseloom.diagrams.checks.rules import KnownThings, Rule, Surroundings
from caseloom.diagrams.model import Document, read_document
from caseloom.diagrams.reading import Kind, Source
from caseloom.diagrams.soundness import Verdict, analyse
from caseloom.diagrams.spaced_names import spaced_names
from caseloom.engine.errors import Finding, Severity
from caseloom.engine.expressions import knowing

__all__ = ["RULES", "Judgement", "KnownThings", "Rule", "check", "judge"]

RULES: tuple[Rule, ...] = (
    *flows.RULES,
    *gateways.RULES,
    *events.RULES,
    *supported.RULES,
    *scopes.RULES,
    *ad_hoc.RULES,
    *work.RULES,
    *repeats.RULES,
    *data.RULES,
    *listeners.RULES,
    *vendors.RULES,
    *references.RULES,
    *expressions.RULES,
    *variables.RULES,
    *tokens.RULES,
)

_NOTHING_KNOWN = KnownThings()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings in the order of files and lines, and of each executable process whether it is sound."""

    findings: list[Finding]
    verdicts: Mapping[str, Verdict]


def check(sources: Sequence[Source], *, known: KnownThings = _NOTHING_KNOWN) -> list[Finding]:
    """All findings about files that are deployed together, in the order of files and lines.

    Any finding of severity `error` means that they cannot run. `known` is what was deployed before.
    """
    return judge(sources, known=known).findings


def judge(sources: Sequence[Source], *, known: KnownThings = _NOTHING_KNOWN) -> Judgement:
    """What `check` finds, and what the analysis says of each process by its id."""
    documents = tuple(
        read_document(source.name, source.root)
        for source in sources
        if source.kind is Kind.BPMN and source.root is not None
    )
    surroundings = Surroundings(
        documents,
        decisions=references.decisions_of(sources),
        forms=references.forms_of(sources),
        known=known,
        soundness=cache(analyse),
    )
    findings = [finding for document in documents for finding in _findings(document, surroundings)]
    order = {source.name: place for place, source in enumerate(sources)}
    findings.sort(key=lambda finding: (order[finding.file], finding.line))
    judged = [process for document in documents for process in document.executable]
    return Judgement(findings, {one.id: surroundings.soundness(one).verdict for one in judged})


def _findings(document: Document, surroundings: Surroundings) -> Iterator[Finding]:
    seen: set[Finding] = set()
    with knowing(spaced_names(document.root)):
        found = [finding for rule in RULES for finding in rule.findings(document, surroundings)]
    for finding in found:
        spoken = replace(finding, line=0)
        if spoken not in seen:
            yield finding
        seen.add(spoken)


def has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
