"""Global tasks: a task at the root of a file, which call activities call as they call a process (10.3.6).

Each is read as a process of the same id that has this one task, so that nothing behind has to know of them.
"""

from __future__ import annotations

from itertools import islice

from lxml import etree

from caseloom.diagrams.namespaces import BPMN, tag_of

_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
_RENAMED = {"scriptLanguage": "scriptFormat"}


def opened(root: etree._Element) -> etree._Element:
    """The same tree, each global task inside a process of its own."""
    for element in root.iterchildren(*(f"{{{BPMN}}}{tag}" for tag in _TASKS)):
        root.replace(element, _process(element))
    return root


def is_global(process: etree._Element) -> bool:
    """Is it a process that holds nothing but a task of its own id?"""
    return [child.get("id") for child in islice(process, 2)] == [process.get("id")]


def _process(element: etree._Element) -> etree._Element:
    process = etree.Element(f"{{{BPMN}}}process", {"isExecutable": "true"})
    for name in ("id", "name"):
        if (value := element.get(name)) is not None:
            process.set(name, value)
    task = etree.SubElement(process, f"{{{BPMN}}}{_TASKS[tag_of(element)]}")
    for given, value in element.attrib.items():
        task.set(_RENAMED.get(str(given), str(given)), value)
    task.extend(element.getchildren())
    process.sourceline = task.sourceline = element.sourceline or 0  # type: ignore[misc]
    process.tail = element.tail
    return process
