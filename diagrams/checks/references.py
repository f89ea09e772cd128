"""What a diagram refers to beyond itself: called processes, decisions, forms and topics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from caseloom.diagrams.checks.events import is_computed
from caseloom.diagrams.checks.rules import Remark, Surroundings, document_rule, on
from caseloom.diagrams.checks.work import called_process, decision_of, topic_of
from caseloom.diagrams.model import Document, Node
from caseloom.diagrams.namespaces import extension, tag_of, zeebe_elements
from caseloom.diagrams.reading import Kind, Source
from caseloom.engine.errors import Severity

_DECISIONS = frozenset({"decision", "decisionService", "businessKnowledgeModel"})
_DEPLOYED = ("camunda-forms:deployment:", "deployment:", "camunda-forms:bpmn:")

_FOREIGN = ("app:", "embedded:", "http:", "https:")


def decisions_of(sources: Sequence[Source]) -> frozenset[str]:
    """The ids of what the DMN files among the sources decide."""
    roots = [source.root for source in sources if source.kind is Kind.DMN and source.root is not None]
    return frozenset(
        child.get("id", "")
        for root in roots
        for child in root.iterchildren("{*}*")
        if tag_of(child) in _DECISIONS
    )


def forms_of(sources: Sequence[Source]) -> frozenset[str]:
    """The file names and the ids of the forms among the sources."""
    forms = [source for source in sources if source.kind is Kind.FORM]
    names = {source.name for source in forms} | {source.name.rpartition("/")[2] for source in forms}
    ids = {str(source.form["id"]) for source in forms if source.form is not None and source.form.get("id")}
    return frozenset(names | ids)


@document_rule("duplicate-process")
def duplicate_process(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """A process is in one file of a deployment only.

    Cure: take one of the two out, or give it another id.
    """
    before: set[str] = set()
    for other in surroundings.documents:
        if other is document:
            break
        before |= {process.id for process in other.executable}
    for process in document.executable:
        if process.id in before:
            yield on(process, f"The process “{process.id}” is in another file of this deployment too.")


@document_rule("unknown-process")
def unknown_process(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """A called process is executable, and deployed before or together with its caller.

    Cure: correct the id, or deploy the called process along with this one.
    """
    for node in _nodes(document):
        called = called_process(node.xml) if node.tag == "callActivity" else None
        if not called or is_computed(called) or surroundings.process(called.rpartition(":")[2]) is not None:
            continue
        together = extension(node.xml, "calledElementBinding") == "deployment"
        if together or called.rpartition(":")[2] not in surroundings.known.processes:
            yield on(node, f"“{node.label}” calls the process “{called}”, which is not here: deploy it too.")


@document_rule("unknown-decision")
def unknown_decision(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """A decision that is asked for is deployed before or together with the diagram.

    Cure: correct the id, or deploy the table along with this diagram.
    """
    there = surroundings.decisions | surroundings.known.decisions
    for node in _nodes(document):
        asked = decision_of(node.xml) if node.tag == "businessRuleTask" else None
        if asked and not is_computed(asked) and asked not in there:
            yield on(
                node, f"“{node.label}” asks for the decision “{asked}”, which is not here: deploy it too."
            )


@document_rule("unknown-form", Severity.WARNING)
def unknown_form(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """A form that a task shows is deployed before or together with the diagram.

    Without it the task shows a plain editor of the case file. Cure: deploy the form along with this diagram.
    """
    there = surroundings.forms | surroundings.known.forms | _embedded(document)
    for node in _nodes(document):
        form = form_of(node)
        if not form or is_computed(form) or form in there:
            continue
        cure = "draw it with form-js" if form.startswith(_FOREIGN) else "deploy it too"
        yield on(node, f"“{node.label}” shows the form “{form}”, which is not here: {cure}.")


def _embedded(document: Document) -> frozenset[str]:
    """The forms that stand in the diagram itself."""
    return frozenset(
        form.get("id", "")
        for process in document.processes
        for form in zeebe_elements(process.xml, "userTaskForm")
    )


def form_of(node: Node) -> str | None:
    """The file name or id of the form that a user task or start event refers to."""
    reference = extension(node.xml, "formRef")
    if reference:
        return reference
    key = extension(node.xml, "formKey")
    if key:
        return _form_name(key)
    zeebe = next(zeebe_elements(node.xml, "formDefinition"), None)
    return None if zeebe is None else zeebe.get("formId")


def _form_name(key: str) -> str:
    for prefix in _DEPLOYED:
        if key.startswith(prefix):
            return key.removeprefix(prefix)
    return key


@document_rule("unknown-topic", Severity.WARNING)
def unknown_topic(document: Document, surroundings: Surroundings) -> Iterator[Remark]:
    """Somebody serves the topics of a diagram, where it is known who does.

    Cure: correct the topic, or register a service under it.
    """
    served = surroundings.known.topics
    if served is None:
        return
    for node in _nodes(document):
        topic = topic_of(node.xml) if node.is_activity else None
        if topic and not is_computed(topic) and topic not in served:
            yield on(node, f"Nobody serves the topic “{topic}” of “{node.label}” yet.")


def _nodes(document: Document) -> Iterator[Node]:
    for process in document.examined:
        yield from process.all_nodes()


RULES = (
    duplicate_process,
    unknown_process,
    unknown_decision,
    unknown_form,
    unknown_topic,
)
