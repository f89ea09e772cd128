"""For every rule a diagram that it likes and one that it does not; `docs/checks.md` is made of them.

    python tests/diagrams/rule_examples.py        writes docs/checks.md anew

An example is a line of the notation (see `drawing`), or the inside of a process in XML, or whole processes
and messages in XML where it begins with one of those.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from drawing import draw

from caseloom.diagrams.checks import RULES, KnownThings, check
from caseloom.diagrams.reading import read
from caseloom.engine.errors import Finding

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "checks.md"

_DEFINITIONS = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:caseloom="urn:caseloom:bpmn:1" targetNamespace="urn:caseloom:tests">
{}
</definitions>"""
_PROCESS = '<process id="case" isExecutable="true">\n{}\n</process>'
_ROOTS = ("<process", "<message", "<signal", "<error", "<escalation", "<correlationProperty")


@dataclass(frozen=True, slots=True)
class Example:
    right: str
    wrong: str


def xml_of(example: str) -> bytes:
    if example.startswith(_ROOTS):
        return _DEFINITIONS.format(example).encode()
    if example.startswith("<"):
        return _DEFINITIONS.format(_PROCESS.format(example)).encode()
    return draw(example)


def line(*steps: str) -> str:
    """Elements one after the other, with the flows between them; `step` is an element with its id."""
    ids = [step.split('id="', 1)[1].split('"', 1)[0] for step in steps]
    flows = [
        f'<sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>'
        for n, (a, b) in enumerate(pairwise(ids), 1)
    ]
    return "\n".join((*steps, *flows))


def way(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def between(step: str) -> str:
    """One element between a start and an end."""
    return line('<startEvent id="start"/>', step, '<endEvent id="end"/>')


def ad_hoc(inside: str, attributes: str = "") -> str:
    return f'<adHocSubProcess id="hear" name="Hear"{attributes}>{inside}</adHocSubProcess>'


def split(gateway: str, *flows: str) -> str:
    """A gateway with the id `which` between a start and the tasks a and b."""
    tasks = '<userTask id="a" name="A"/>\n<userTask id="b" name="B"/>'
    return "\n".join((line('<startEvent id="start"/>', gateway), tasks, *flows))


TO_A = '<sequenceFlow id="to_a" sourceRef="which" targetRef="a"/>'
TO_B = '<sequenceFlow id="to_b" sourceRef="which" targetRef="b"/>'
IF_A = TO_A.replace("/>", "><conditionExpression>ok</conditionExpression></sequenceFlow>")
IF_B = TO_B.replace("/>", "><conditionExpression>not(ok)</conditionExpression></sequenceFlow>")
TIMER = "<timerEventDefinition><timeDuration>PT5M</timeDuration></timerEventDefinition>"
WAIT = f'<intermediateCatchEvent id="wait">{TIMER}</intermediateCatchEvent>'
SERVICE = '<serviceTask id="tell" name="Tell" {}/>'
FIXED = '<process id="case" isExecutable="true">\n{}\n</process>'
CORRELATION = (
    '<message id="paid" name="paid"/>\n<correlationProperty id="order">'
    '<correlationPropertyRetrievalExpression messageRef="paid"><messagePath>{}</messagePath>'
    "</correlationPropertyRetrievalExpression></correlationProperty>\n"
    + FIXED.format('<startEvent id="start"/>')
)
TALK = (
    '<message id="order" name="Order"/>\n<message id="goods" name="Goods"/>\n<collaboration id="shop">'
    '<messageFlow id="m" sourceRef="ask" targetRef="asked"/></collaboration>\n<process id="buyer" isExecutable="true">'
    '<startEvent id="start"/><endEvent id="ask"><messageEventDefinition messageRef="order"/></endEvent>'
    '<sequenceFlow id="a" sourceRef="start" targetRef="ask"/></process>\n<process id="seller" isExecutable="true">'
    '<startEvent id="asked"><messageEventDefinition messageRef="{}"/></startEvent><userTask id="pack"/>'
    '<sequenceFlow id="b" sourceRef="asked" targetRef="pack"/></process>'
)
ESCALATION = '<escalation id="late" name="Late" escalationCode="L1"/>\n'
ESCALATED = line(
    '<startEvent id="start"/>',
    '<subProcess id="work" name="Work"><startEvent id="begin"/><endEvent id="stop">{}</endEvent>'
    '<sequenceFlow id="inner" sourceRef="begin" targetRef="stop"/></subProcess>',
    '<endEvent id="end"/>',
) + (
    '\n<boundaryEvent id="hurry" name="Hurry" attachedToRef="work"><escalationEventDefinition escalationRef="late"/>'
    "</boundaryEvent>"
)
ASKED_AND_READ = line(
    '<startEvent id="start"><extensionElements><camunda:formData><camunda:formField id="amount" type="long"/>'
    "</camunda:formData></extensionElements></startEvent>",
    '<scriptTask id="twice" name="Twice" scriptFormat="feel" camunda:resultVariable="double"><script>{} * 2</script>'
    "</scriptTask>",
    '<endEvent id="end"/>',
)

CARE = '<subProcess id="care" name="Care" triggeredByEvent="true">\n{}\n</subProcess>'
CALLED = '<message id="call" name="call"/>\n'
ON_CALL = '<startEvent id="called"><messageEventDefinition messageRef="call"/></startEvent>'
BOOK = '<userTask id="book" name="Book"/>'
UNBOOK = '<userTask id="unbook" name="Unbook" isForCompensation="true"/>'
REGRET = '<boundaryEvent id="regret" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>'
LEADS = '<association id="leads" sourceRef="regret" targetRef="unbook"/>'
BOOKED = "\n".join((between(BOOK), REGRET, UNBOOK))
CANCEL = '<endEvent id="stop" name="Stop"><cancelEventDefinition/></endEvent>'
PUT_RIGHT = (
    '<intermediateThrowEvent id="undo" name="Undo"><compensateEventDefinition activityRef="{}"/>'
    "</intermediateThrowEvent>"
)
LEAP = '<intermediate{}Event id="{}" name="Leap"><linkEventDefinition name="{}"/></intermediate{}Event>'
LEAPS = line('<startEvent id="start"/>', LEAP.format("Throw", "off", "A", "Throw"))
LANDS = line(LEAP.format("Catch", "on", "{}", "Catch"), '<endEvent id="end"/>').replace('id="f', 'id="g')
JOIN = (
    split('<parallelGateway id="which"/>', TO_A, TO_B)
    + "\n"
    + line('<complexGateway id="enough" name="Enough">{}</complexGateway>', '<endEvent id="end"/>').replace(
        'id="f', 'id="g'
    )
    + "\n"
    + way("a", "enough")
    + "\n"
    + way("b", "enough")
)
WATCH = (
    '<intermediateCatchEvent id="rich" name="Rich"><conditionalEventDefinition>{}</conditionalEventDefinition>'
    "</intermediateCatchEvent>"
)
UP = '<intermediateThrowEvent id="up" name="Up"><escalationEventDefinition{}/></intermediateThrowEvent>'
ESCALATION = '<escalation id="late" name="Late" escalationCode="late"/>\n'

ORDER = '\n<dataObject id="order" name="order"/>'
LEADS_TO = (
    '<userTask id="check" name="Check"><ioSpecification><dataOutput id="found" name="found"/></ioSpecification>'
    "<dataOutputAssociation><sourceRef>found</sourceRef><targetRef>{}</targetRef></dataOutputAssociation></userTask>"
)
PUTS = (
    '<userTask id="check" name="Check"><dataOutputAssociation><targetRef>order</targetRef>'
    "<assignment><from>amount * 2</from><to>{}</to></assignment></dataOutputAssociation></userTask>"
)
NEEDS = (
    '<userTask id="check" name="Check"><ioSpecification><dataInput id="given" name="given"/>'
    "<inputSet><dataInputRefs>{}</dataInputRefs></inputSet></ioSpecification></userTask>"
)
INSTANCES = between(
    '<userTask id="check" name="Check"><multiInstanceLoopCharacteristics {}><loopCardinality>3'
    "</loopCardinality>{}</multiInstanceLoopCharacteristics></userTask>"
)
DONE = (
    "<complexBehaviorDefinition><condition>numberOfCompletedInstances = 2</condition>"
    "</complexBehaviorDefinition>"
)
PAID = '<signal id="paid" name="paid"/>\n<signalEventDefinition id="is_paid" signalRef="paid"/>\n'
ON_PAID = (
    '<intermediateCatchEvent id="wait" name="Wait"><eventDefinitionRef>{}</eventDefinitionRef>'
    "</intermediateCatchEvent>"
)

EXAMPLES: dict[str, Example] = {
    "instance-events": Example(
        right=INSTANCES.format('behavior="Complex"', DONE),
        wrong=INSTANCES.format('behavior="Complex"', ""),
    ),
    "unknown-event-definition": Example(
        right=PAID + FIXED.format(between(ON_PAID.format("is_paid"))),
        wrong=PAID + FIXED.format(between(ON_PAID.format("nowhere"))),
    ),
    "unknown-data": Example(
        right=between(LEADS_TO.format("order")) + ORDER,
        wrong=between(LEADS_TO.format("nowhere")) + ORDER,
    ),
    "wrong-data-association": Example(
        right=between(PUTS.format("order.total")) + ORDER,
        wrong=between(PUTS.format("getOrder()/total")) + ORDER,
    ),
    "wrong-data-set": Example(
        right=between(NEEDS.format("given")),
        wrong=between(NEEDS.format("wanted")),
    ),
    "wrong-quantity": Example(
        right=between('<userTask id="check" startQuantity="1" completionQuantity="2"/>'),
        wrong=between('<userTask id="check" name="Check" startQuantity="0"/>'),
    ),
    "duplicate-id": Example(
        right="Register > Check > Send",
        wrong=between('<userTask id="check"/>\n<userTask id="check"/>'),
    ),
    "nothing-executable": Example(
        right="Register",
        wrong='<process id="case" isExecutable="false"><startEvent id="start"/></process>',
    ),
    "drawn-only": Example(
        right="Register",
        wrong=FIXED.format('<startEvent id="start"/>')
        + '\n<process id="other" isExecutable="false"><startEvent id="begin"/></process>',
    ),
    "missing-id": Example(
        right="Register",
        wrong='<startEvent id="start"/>\n<userTask name="Check"/>',
    ),
    "dangling-flow": Example(
        right="Register > Check",
        wrong='<startEvent id="start"/>\n<sequenceFlow id="f" sourceRef="start" targetRef="nowhere"/>',
    ),
    "cross-scope-flow": Example(
        right="Register > { Look: Check } > Send",
        wrong=line(
            '<startEvent id="start"/>',
            '<subProcess id="look">\n'
            + line('<startEvent id="begin"/>', '<userTask id="check"/>')
            + "\n</subProcess>",
        )
        + '\n<userTask id="send"/>\n<sequenceFlow id="out" sourceRef="check" targetRef="send"/>',
    ),
    "no-start": Example(
        right="Register",
        wrong='<userTask id="check"/>\n<sequenceFlow id="again" sourceRef="check" targetRef="check"/>',
    ),
    "implicit-start": Example(
        right="Register",
        wrong='<userTask id="check" name="Check"/>',
    ),
    "empty-sub-process": Example(
        right="{ Look: Check }",
        wrong=between('<subProcess id="look" name="Look"/>'),
    ),
    "several-starts": Example(
        right=line('<startEvent id="start"/>', '<userTask id="check"/>')
        + '\n<startEvent id="other"/>\n<sequenceFlow id="g" sourceRef="other" targetRef="check"/>',
        wrong=between(
            '<subProcess id="look"><startEvent id="in"/><startEvent id="other"/><userTask id="check"/>'
            + way("in", "check")
            + way("other", "check")
            + "</subProcess>"
        ),
    ),
    "no-end": Example(
        right="Write > Review until done",
        wrong=line('<startEvent id="start"/>', '<userTask id="write"/>')
        + '\n<sequenceFlow id="again" sourceRef="write" targetRef="write"/>',
    ),
    "flow-into-start": Example(
        right="Write > Review until done",
        wrong=line('<startEvent id="start"/>', '<userTask id="write"/>')
        + '\n<sequenceFlow id="again" sourceRef="write" targetRef="start"/>',
    ),
    "flow-out-of-end": Example(
        right="Register > @event Noted > Send",
        wrong=line('<startEvent id="start"/>', '<endEvent id="end"/>', '<userTask id="send"/>'),
    ),
    "unreachable": Example(
        right="Register > Send",
        wrong=between('<userTask id="register"/>') + '\n<userTask id="lost" name="Lost"/>',
    ),
    "boundary-without-host": Example(
        right="Check ^timer P2D ( Escalate )",
        wrong=between('<userTask id="check"/>')
        + f'\n<boundaryEvent id="late" attachedToRef="gone">{TIMER}</boundaryEvent>',
    ),
    "unknown-default": Example(
        right="[ amount > 9: Check | else: File ]",
        wrong=split('<exclusiveGateway id="which" default="gone"/>', IF_A, IF_B),
    ),
    "default-with-condition": Example(
        right="[ amount > 9: Check | else: File ]",
        wrong=split('<exclusiveGateway id="which" default="to_b"/>', IF_A, IF_B),
    ),
    "undecided-gateway": Example(
        right="[ amount > 9: Check | else: File ]",
        wrong=split('<exclusiveGateway id="which"/>', TO_A, TO_B),
    ),
    "make-it-the-default": Example(
        right="[ amount > 9: Check | else: File ]",
        wrong=split('<exclusiveGateway id="which"/>', IF_A, TO_B),
    ),
    "no-default": Example(
        right="[ amount > 9: Check | else: File ]",
        wrong=split('<exclusiveGateway id="which"/>', IF_A, IF_B),
    ),
    "condition-not-read": Example(
        right="( Check | File )",
        wrong=split('<parallelGateway id="which"/>', IF_A, TO_B),
    ),
    "event-gateway-target": Example(
        right="[ @message payment > File | @timer P14D > Remind ]",
        wrong=split('<eventBasedGateway id="which"/>', TO_A, TO_B),
    ),
    "unknown-message": Example(
        right="@message payment Paid",
        wrong=between('<receiveTask id="paid" name="Paid" messageRef="gone"/>'),
    ),
    "message-flow": Example(
        right=TALK.format("order"),
        wrong=TALK.format("goods"),
    ),
    "unknown-signal": Example(
        right="@signal alarm",
        wrong=between('<intermediateCatchEvent id="alarm"><signalEventDefinition/></intermediateCatchEvent>'),
    ),
    "unknown-error": Example(
        right="{ Pay: Try > @error refused } ^error refused ( Call )",
        wrong=line('<startEvent id="start"/>', '<endEvent id="failed"><errorEventDefinition/></endEvent>'),
    ),
    "boundary-not-interrupting": Example(
        right="{ Pay: Try > @error refused } ^error refused ( Call )",
        wrong=between('<serviceTask id="pay" camunda:topic="pay"/>')
        + '\n<boundaryEvent id="failed" attachedToRef="pay" cancelActivity="false">'
        "<errorEventDefinition/></boundaryEvent>",
    ),
    "wrong-timer": Example(
        right="Register > @timer P3D > Remind",
        wrong=between(WAIT.replace("PT5M", "P")),
    ),
    "error-not-thrown": Example(
        right="{ Pay: Try > @error refused } ^error refused ( Call )",
        wrong="{ Pay: x := 1 } ^error refused ( Call )",
    ),
    "error-not-caught": Example(
        right="{ Pay: Try > @error refused } ^error refused ( Call )",
        wrong="Try > @error refused",
    ),
    "ad-hoc-event": Example(
        right=between(ad_hoc('<userTask id="call" name="Call"/>')),
        wrong=between(ad_hoc('<startEvent id="begin" name="Begin"/><userTask id="call" name="Call"/>')),
    ),
    "ad-hoc-without-activity": Example(
        right=between(ad_hoc('<userTask id="call" name="Call"/><userTask id="write" name="Write"/>')),
        wrong=between(ad_hoc('<userTask id="call" name="Call"/>' + way("call", "call"))),
    ),
    "ad-hoc-loose": Example(
        right=between(
            ad_hoc(
                '<userTask id="call" name="Call"/><intermediateThrowEvent id="told" name="Told"/>'
                + way("call", "told")
            )
        ),
        wrong=between(
            ad_hoc('<userTask id="call" name="Call"/><intermediateThrowEvent id="told" name="Told"/>')
        ),
    ),
    "ad-hoc-attribute": Example(
        right=between(ad_hoc('<userTask id="call" name="Call"/>', ' ordering="Sequential"')),
        wrong=between(ad_hoc('<userTask id="call" name="Call"/>', ' ordering="Random"')),
    ),
    "unsupported-element": Example(
        right="( Check | File )",
        wrong=between('<callChoreography id="which" name="Which"/>'),
    ),
    "unsupported-event": Example(
        right="Register > @timer P3D > Remind",
        wrong=line(
            '<startEvent id="start"><escalationEventDefinition/></startEvent>',
            '<endEvent id="end"/>',
        ),
    ),
    "triggered-start": Example(
        right="{ Look: @timer PT5M > Check }",
        wrong=between(f'<subProcess id="look"><startEvent id="begin">{TIMER}</startEvent></subProcess>'),
    ),
    "unsupported-construct": Example(
        right="Check each plot in plots",
        wrong=between('<receiveTask id="check" instantiate="true"/>'),
    ),
    "unsupported-extension": Example(
        right=between(
            '<userTask id="check"><extensionElements><camunda:inputOutput>'
            '<camunda:inputParameter name="who">${boss}</camunda:inputParameter>'
            "</camunda:inputOutput></extensionElements></userTask>"
        ),
        wrong=between(
            '<serviceTask id="tell" camunda:topic="tell"><extensionElements>'
            "<camunda:connector><camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>"
            "</extensionElements></serviceTask>"
        ),
    ),
    "vendor-attribute": Example(
        right=between('<userTask id="check" camunda:candidateGroups="office" camunda:asyncBefore="true"/>'),
        wrong=between('<userTask id="check" camunda:formHandlerClass="com.example.Form"/>'),
    ),
    "vendor-without-effect": Example(
        right=between('<userTask id="check" camunda:priority="70"/>'),
        wrong=between('<userTask id="check" camunda:jobPriority="70"/>'),
    ),
    "vendor-element": Example(
        right=between(
            '<serviceTask id="tell"><extensionElements><zeebe:taskDefinition type="tell" retries="5"/>'
            "</extensionElements></serviceTask>"
        ),
        wrong=between(
            '<serviceTask id="tell"><extensionElements><zeebe:taskDefinition type="tell" retries="=times"/>'
            "</extensionElements></serviceTask>"
        ),
    ),
    "wrong-listener": Example(
        right=between(
            '<userTask id="check"><extensionElements>'
            "<camunda:executionListener event=\"start\" expression=\"${execution.setVariable('phase', 'Check')}\"/>"
            '<camunda:taskListener event="complete" delegateExpression="${audit}"/>'
            "</extensionElements></userTask>"
        ),
        wrong=between(
            '<userTask id="check"><extensionElements><camunda:taskListener event="create">'
            '<camunda:script scriptFormat="groovy">task.setAssignee(boss)</camunda:script>'
            "</camunda:taskListener></extensionElements></userTask>"
        ),
    ),
    "event-sub-process": Example(
        right=CALLED
        + FIXED.format(
            between(BOOK)
            + "\n"
            + CARE.format(line(ON_CALL, '<userTask id="answer"/>').replace('id="f', 'id="g'))
        ),
        wrong=between(BOOK)
        + "\n"
        + CARE.format(line('<startEvent id="begin"/>', '<userTask id="answer"/>').replace('id="f', 'id="g')),
    ),
    "compensation-handler": Example(
        right=f"{BOOKED}\n{LEADS}",
        wrong=BOOKED,
    ),
    "compensated-activity": Example(
        right=line('<startEvent id="start"/>', BOOK, PUT_RIGHT.format("book"), '<endEvent id="end"/>')
        + f"\n{REGRET}\n{UNBOOK}\n{LEADS}",
        wrong=line('<startEvent id="start"/>', BOOK, PUT_RIGHT.format("gone"), '<endEvent id="end"/>'),
    ),
    "cancel-outside-transaction": Example(
        right=between(
            '<transaction id="trip">\n'
            + line('<startEvent id="begin"/>', BOOK, CANCEL).replace('id="f', 'id="g')
            + "\n</transaction>"
        )
        + '\n<boundaryEvent id="stopped" attachedToRef="trip"><cancelEventDefinition/></boundaryEvent>',
        wrong=line('<startEvent id="start"/>', BOOK, CANCEL),
    ),
    "link": Example(
        right="\n".join((LEAPS, LANDS.format("A"))),
        wrong="\n".join((LEAPS, LANDS.format("B"))),
    ),
    "complex-join": Example(
        right=JOIN.format("<activationCondition>activationCount >= 1</activationCondition>"),
        wrong=JOIN.format(""),
    ),
    "conditional-event": Example(
        right=between(WATCH.format("<condition>amount > 1000</condition>")),
        wrong=between(WATCH.format("")),
    ),
    "unknown-escalation": Example(
        right=ESCALATION + FIXED.format(between(UP.format(' escalationRef="late"'))),
        wrong=between(UP.format("")),
    ),
    "boundary-host": Example(
        right="Check ^timer P2D ( Escalate )",
        wrong=CALLED
        + FIXED.format(
            between(BOOK)
            + "\n"
            + CARE.format(line(ON_CALL, '<userTask id="answer"/>').replace('id="f', 'id="g'))
            + f'\n<boundaryEvent id="late" attachedToRef="care">{TIMER}</boundaryEvent>'
        ),
    ),
    "two-loops": Example(
        right="Check 3 times",
        wrong=between(
            '<userTask id="check" name="Check"><standardLoopCharacteristics/><multiInstanceLoopCharacteristics>'
            "<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
        ),
    ),
    "service-without-topic": Example(
        right=between(SERVICE.format('camunda:type="external" camunda:topic="tell"')),
        wrong=between(SERVICE.format('camunda:expression="${teller.tell(order)}"')),
    ),
    "rule-without-decision": Example(
        right=between(
            '<businessRuleTask id="rate" name="Rate" camunda:type="external" camunda:topic="rate"/>'
        ),
        wrong=between('<businessRuleTask id="rate" name="Rate"/>'),
    ),
    "call-without-process": Example(
        right='<process id="case" isExecutable="true">\n'
        + between('<callActivity id="ask" calledElement="asking"/>')
        + '\n</process>\n<process id="asking" isExecutable="true"><startEvent id="begin"/></process>',
        wrong=between('<callActivity id="ask" name="Ask"/>'),
    ),
    "script-language": Example(
        right="total := price * 2",
        wrong=between(
            '<scriptTask id="sum" name="Sum" scriptFormat="groovy"><script>x = 1</script></scriptTask>'
        ),
    ),
    "unknown-process": Example(
        right='<process id="case" isExecutable="true">\n'
        + between('<callActivity id="ask" calledElement="asking"/>')
        + '\n</process>\n<process id="asking" isExecutable="true"><startEvent id="begin"/></process>',
        wrong=between('<callActivity id="ask" name="Ask" calledElement="nobody"/>'),
    ),
    "unknown-decision": Example(
        right=between('<businessRuleTask id="rate" camunda:decisionRef="known_decision"/>'),
        wrong=between('<businessRuleTask id="rate" name="Rate" camunda:decisionRef="gone"/>'),
    ),
    "unknown-form": Example(
        right=between('<userTask id="check" camunda:formRef="known_form"/>'),
        wrong=between('<userTask id="check" name="Check" camunda:formRef="gone"/>'),
    ),
    "unknown-topic": Example(
        right=between(SERVICE.format('camunda:topic="known_topic"')),
        wrong=between(SERVICE.format('camunda:topic="gone"')),
    ),
    "wrong-expression": Example(
        right="[ amount > 9: Check | else: File ]",
        wrong="[ amount >: Check | else: File ]",
    ),
    "no-counter-step": Example(
        right="!archive Archive <effect=compensable compensation=unarchive>",
        wrong="!archive Archive <effect=compensable>",
    ),
    "how-many": Example(
        right="Check each plot in plots",
        wrong=between('<userTask id="check" name="Check"><multiInstanceLoopCharacteristics/></userTask>'),
    ),
    "own-attribute": Example(
        right="Pay <effect=irreversible>",
        wrong=between('<userTask id="pay" name="Pay" caseloom:effect="big"/>'),
    ),
    "variable-misspelled": Example(
        right="amount := price * 2 > [ amount > 9: Check | else: File ]",
        wrong="amount := price * 2 > [ ammount > 9: Check | else: File ]",
    ),
    "wrong-correlation": Example(
        right=CORRELATION.format("order.id"),
        wrong=CORRELATION.format("open('x')"),
    ),
    "endless-loop": Example(
        right="Write > Review until done",
        wrong=line(
            '<startEvent id="start"/>', '<exclusiveGateway id="again"/>', '<task id="count" name="Count"/>'
        )
        + '\n<sequenceFlow id="back" sourceRef="count" targetRef="again"/>',
    ),
    "loop-without-wait": Example(
        right="( x := 2 > Review until done )",
        wrong="( x := 2 > @task Count until done )",
    ),
    "cannot-end": Example(
        right="( Check | File ) > Send",
        wrong=split('<exclusiveGateway id="which" default="to_b"/>', IF_A, TO_B)
        + "\n"
        + line(
            '<userTask id="a2" name="A2"/>', '<parallelGateway id="both"/>', '<endEvent id="end"/>'
        ).replace('id="f', 'id="g')
        + "\n".join(("", way("a", "a2"), way("b", "both"))),
    ),
    "deadlock": Example(
        right="[ amount > 9: Check | else: File ] > Send",
        wrong=split('<exclusiveGateway id="which" default="to_b"/>', IF_A, TO_B)
        + "\n"
        + line('<parallelGateway id="both" name="Both"/>', '<endEvent id="end"/>').replace('id="f', 'id="g')
        + "\n".join(("", way("a", "both"), way("b", "both"))),
    ),
    "cannot-run": Example(
        right="[ ok: A | else: B ] > Send",
        wrong=line(
            '<startEvent id="start"/>',
            '<exclusiveGateway id="which" default="f2"/>',
            '<parallelGateway id="all"/>',
            '<endEvent id="end"/>',
        )
        + '\n<sequenceFlow id="g" sourceRef="which" targetRef="all">'
        "<conditionExpression>ok</conditionExpression></sequenceFlow>",
    ),
    "escalation-not-thrown": Example(
        right=ESCALATION
        + FIXED.format(ESCALATED.format('<escalationEventDefinition escalationRef="late"/>')),
        wrong=ESCALATION + FIXED.format(ESCALATED.format("")),
    ),
    "variable-not-written": Example(
        right=ASKED_AND_READ.format("amount"),
        wrong=ASKED_AND_READ.format("total"),
    ),
    "runs-twice": Example(
        right="( Check | File ) > Send",
        wrong=split('<parallelGateway id="which"/>', TO_A, TO_B)
        + "\n"
        + line('<userTask id="send" name="Send"/>', '<endEvent id="end"/>').replace('id="f', 'id="g')
        + "\n".join(("", way("a", "send"), way("b", "send"))),
    ),
    "no-way-out": Example(
        right="Write > Review until done",
        wrong=split('<exclusiveGateway id="which" default="to_b"/>', IF_A, TO_B)
        + '\n<endEvent id="end"/>\n<sequenceFlow id="h1" sourceRef="a" targetRef="end"/>'
        '\n<sequenceFlow id="h2" sourceRef="b" targetRef="b"/>',
    ),
    "work-left": Example(
        right="( Check | File ) > @terminate",
        wrong="( Check > @terminate | File )",
    ),
}

KNOWN = KnownThings(
    decisions=frozenset({"known_decision"}),
    forms=frozenset({"known_form"}),
    topics=frozenset({"known_topic", "tell", "pay", "rate"}),
)


def findings(example: str) -> list[Finding]:
    return check([read("example.bpmn", xml_of(example))], known=KNOWN)


def page() -> str:
    """What `docs/checks.md` says."""
    parts = [_HEAD, *(_section(rule.code, rule.severity, rule.about) for rule in RULES)]
    return "\n\n".join(parts) + "\n"


_HEAD = """# Checks

What `caseloom check` and deployment look at in a diagram. A finding of severity *error* means that the
diagram cannot run, and nothing is deployed; a *warning* is deployed along with the diagram and shown on it.
Each finding names the file, the element and the line. This page is made from the rules and their examples by
`tests/diagrams/rule_examples.py`; examples are lines of the test notation (`tests/drawing.py`), or BPMN."""


def _section(code: str, severity: str, about: str) -> str:
    section = f"## {code}\n\n*{severity}*\n\n{about}"
    example = EXAMPLES.get(code)
    if example is None:
        return section
    return f"{section}\n\nRight:\n\n{_fenced(example.right)}\n\nWrong:\n\n{_fenced(example.wrong)}"


def _fenced(example: str) -> str:
    return f"```{'xml' if example.startswith('<') else 'text'}\n{example}\n```"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
