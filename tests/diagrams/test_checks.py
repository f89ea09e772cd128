"""What the rules say together, about things that one example does not show."""

from __future__ import annotations

import pytest
from drawing import bpmn, draw, flow, node, process
from rule_examples import between, findings, xml_of

from caseloom.diagrams.checks import KnownThings, check, has_errors
from caseloom.diagrams.reading import read
from caseloom.engine.errors import Finding, Severity


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}


def event(tag: str, definition: str) -> str:
    return between(f'<{tag} id="it" name="It">{definition}</{tag}>')


@pytest.mark.parametrize(
    ("example", "what"),
    [
        (between('<callChoreography id="it" name="It"/>'), "choreography"),
        (
            between(
                '<adHocSubProcess id="it" name="It"><extensionElements><zeebe:taskDefinition type="x"/>'
                '</extensionElements><task id="a"/></adHocSubProcess>'
            ),
            "worker that chooses",
        ),
        (
            between(
                '<adHocSubProcess id="it" name="It"><extensionElements><zeebe:adHoc outputCollection="x"/>'
                '</extensionElements><task id="a"/></adHocSubProcess>'
            ),
            "output collection",
        ),
        (event("intermediateCatchEvent", "<compensateEventDefinition/>"), "compensation event"),
        (event("intermediateCatchEvent", "<escalationEventDefinition/>"), "escalation event"),
        (event("startEvent", "<escalationEventDefinition/>"), "escalation event"),
        (event("endEvent", "<linkEventDefinition/>"), "link event"),
        (event("intermediateCatchEvent", ""), "event without a trigger"),
        (event("intermediateThrowEvent", "<errorEventDefinition/>"), "error event"),
        (event("intermediateThrowEvent", "<timerEventDefinition/>"), "timer event"),
        (
            event("intermediateCatchEvent", "<eventDefinitionRef>x</eventDefinitionRef>"),
            "refers to the definition",
        ),
        (
            event("startEvent", "<messageEventDefinition/><errorEventDefinition/>"),
            "among other triggers",
        ),
        (between('<receiveTask id="it" name="It" instantiate="true"/>'), "power to start"),
        (between('<eventBasedGateway id="it" name="It" instantiate="true"/>'), "power to start"),
        (
            between('<eventBasedGateway id="it" name="It" eventGatewayType="Parallel"/>'),
            "parallel event-based",
        ),
        (
            between(
                '<userTask id="it" name="It"><multiInstanceLoopCharacteristics behavior="Many">'
                "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
            ),
            "behaviour",
        ),
        (
            between(
                '<userTask id="it" name="It"><extensionElements><camunda:executionListener '
                'event="start"><camunda:script scriptFormat="groovy">x = 1</camunda:script>'
                "</camunda:executionListener></extensionElements></userTask>"
            ),
            "script in groovy",
        ),
        (
            between(
                '<userTask id="it" name="It"><extensionElements><camunda:novelty/></extensionElements></userTask>'
            ),
            "novelty",
        ),
    ],
    ids=lambda value: value if not value.startswith("<") else "",
)
def test_what_does_not_run_is_refused_by_its_name_and_with_a_cure(example, what):
    refused = [
        finding for finding in findings(example) if finding.element_id == "it" and what in finding.message
    ]

    assert refused
    assert refused[0].severity is Severity.ERROR
    assert "“It”" in refused[0].message
    assert ": " in refused[0].message


@pytest.mark.parametrize("language", ["groovy", "javascript", "Python", "text/x-ruby"])
def test_scripts_in_other_languages_are_refused_with_what_to_do_instead(language):
    script = f'<scriptTask id="it" name="It" scriptFormat="{language}"><script>x = 1</script></scriptTask>'

    (refused,) = [finding for finding in findings(between(script)) if finding.severity is Severity.ERROR]

    assert refused.code == "script-language"
    assert "FEEL" in refused.message


@pytest.mark.parametrize("prefix", ["camunda", "activiti", "operaton"])
def test_the_words_of_camunda_are_read_under_all_its_names(prefix):
    namespace = {
        "camunda": "http://camunda.org/schema/1.0/bpmn",
        "activiti": "http://activiti.org/bpmn",
        "operaton": "http://operaton.org/schema/1.0/bpmn",
    }[prefix]
    task = f'<serviceTask id="it" x:topic="tell" xmlns:x="{namespace}"/>'

    assert findings(between(task)) == []


@pytest.mark.parametrize(
    "task",
    [
        '<serviceTask id="it" camunda:delegateExpression="${tell}"/>',
        '<serviceTask id="it"><extensionElements><zeebe:taskDefinition type="tell"/></extensionElements></serviceTask>',
        '<sendTask id="it" camunda:topic="tell"/>',
    ],
)
def test_a_topic_may_stand_in_several_places(task):
    assert findings(between(task)) == []


@pytest.mark.parametrize("delegate", ["${tell.now()}", "${a + b}", "tell", "${}"])
def test_a_bean_call_is_no_topic(delegate):
    task = f'<serviceTask id="it" camunda:delegateExpression="{delegate}"/>'

    assert "service-without-topic" in codes(findings(between(task)))


@pytest.mark.parametrize(
    ("kind", "text", "good"),
    [
        ("timeDuration", "PT5M", True),
        ("timeDuration", "P1Y2M3DT4H", True),
        ("timeDuration", "P60D", True),
        ("timeDuration", "PT0.5S", True),
        ("timeDuration", "${wait}", True),
        ("timeDuration", "PT${n}H", True),
        ("timeDuration", '=duration("PT5M")', True),
        ("timeDuration", "P", False),
        ("timeDuration", "PT", False),
        ("timeDuration", '"PT5M"', False),
        ("timeDuration", "-PT5M", False),
        ("timeDuration", "5 minutes", False),
        ("timeDuration", "2026-03-01T09:00:00Z", False),
        ("timeDuration", "", False),
        ("timeDate", "2026-03-01T09:00:00Z", True),
        ("timeDate", "2026-03-01T09:00:00", True),
        ("timeDate", "2026-02-30T09:00:00Z", False),
        ("timeDate", "tomorrow", False),
        ("timeCycle", "R3/PT1H", True),
        ("timeCycle", "R/P1D", True),
        ("timeCycle", "R/2026-03-01T09:00:00Z/P1D", True),
        ("timeCycle", "PT1H", True),
        ("timeCycle", "R/PT0S", False),
        ("timeCycle", "R/PT0.001S", False),
        ("timeCycle", "R0/PT1H", False),
        ("timeCycle", "R3/P", False),
        ("timeCycle", "R3/PT1H/2026-03-01T09:00:00Z", False),
        ("timeCycle", "0 0 * * * ?", True),
        ("timeCycle", "0 60 * * * ?", False),
        ("timeCycle", "0 0 * * *", False),
    ],
)
def test_timers_are_read_before_they_have_to_fire(kind, text, good):
    definition = f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"

    found = findings(event("intermediateCatchEvent", definition))

    assert ("wrong-timer" not in codes(found)) is good


def test_a_file_without_anything_executable_is_told_all_that_is_missing():
    example = (
        '<process id="case" isExecutable="false">\n' + between('<callChoreography id="it"/>') + "\n</process>"
    )

    assert codes(findings(example)) >= {"nothing-executable", "unsupported-element"}


def test_a_drawing_beside_an_executable_process_is_not_examined():
    example = '<process id="case" isExecutable="true"><startEvent id="start"/></process>\n'
    other = '<process id="other"><complexGateway id="it"/></process>'

    found = findings(example + other)

    assert codes(found) == {"drawn-only"}
    assert not has_errors(found)


def test_files_that_are_deployed_together_know_each_other():
    caller = read("a.bpmn", draw("@call child", key="parent"))
    called = read("b.bpmn", draw("Register", key="child"))

    assert codes(check([caller])) == {"unknown-process"}
    assert check([caller, called]) == []
    assert check([caller], known=KnownThings(processes=frozenset({"child"}))) == []


def test_a_decision_and_a_form_in_the_same_deployment_are_known():
    task = '<userTask id="show" camunda:formRef="check"/>\n<businessRuleTask id="rate" camunda:decisionRef="rating"/>'
    diagram = read("a.bpmn", xml_of(between(task.split("\n")[1]) + "\n" + task.split("\n")[0]))
    table = read(
        "a.dmn",
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="rating"/></definitions>',
    )
    form = read("a.form", b'{"id": "check", "components": []}')

    assert codes(check([diagram])) >= {"unknown-decision", "unknown-form"}
    assert not codes(check([diagram, table, form])) & {"unknown-decision", "unknown-form"}


def test_a_process_in_two_files_is_refused_in_the_second():
    files = [read(name, draw("Register", key="twin")) for name in ("a.bpmn", "b.bpmn")]

    (found,) = check(files)

    assert (found.file, found.element_id, found.code) == ("b.bpmn", "twin", "duplicate-process")


def test_a_step_that_no_run_completes_is_found():
    """The inner join needs two tokens of a decision; the loop around gives another way to the end."""
    names = {"x": "exclusiveGateway", "p": "parallelGateway", "s": "startEvent", "e": "endEvent"}
    pairs = ("sp", "px", "pa", "xb", "xc", "bq", "cq", "aq", "qe")
    nodes = [
        node(names.get(name, "userTask" if name != "q" else "parallelGateway"), name) for name in "spxabcqe"
    ]
    xml = bpmn(process("case", *nodes, *(flow(pair[0], pair[1]) for pair in pairs)))

    found = check([read("a.bpmn", xml)])

    assert {"deadlock", "cannot-end"} <= codes(found)


def test_findings_come_in_the_order_of_files_and_lines():
    example = between('<complexGateway id="b" name="B"/>\n<userTask id="a"/>\n<userTask id="a"/>')

    found = check(
        [read("b.bpmn", xml_of(example)), read("a.bpmn", xml_of(example.replace('"case"', '"other"')))]
    )

    places = [(finding.file, finding.line) for finding in found]
    assert places == sorted(places, key=lambda place: (place[0] != "b.bpmn", place[1]))


def test_the_same_thing_is_said_once():
    listener = '<camunda:field name="{}" stringValue="x"/>'
    fields = "".join(listener.format(name) for name in "abc")
    task = f'<serviceTask id="it" camunda:topic="tell"><extensionElements>{fields}</extensionElements></serviceTask>'

    assert len(findings(between(task))) == 1


def test_long_diagrams_are_checked_without_recursion():
    assert check([read("a.bpmn", draw(" > ".join(f"T{n}" for n in range(2_000))))]) == []
