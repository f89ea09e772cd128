"""Reads DMN files of the versions 1.1 to 1.5 into `model`; raises `DiagramError` for what is no DMN.

The XML itself is read by `diagrams.reading`, which refuses whatever could harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from lxml import etree

from caseloom.diagrams.reading import parse_xml
from caseloom.engine.decisions.model import (
    Boxed,
    Cell,
    Conditional,
    Context,
    Decision,
    DecisionService,
    DecisionTable,
    Element,
    Entry,
    FilterOf,
    FunctionDefinition,
    HitPolicy,
    Import,
    Input,
    InputData,
    Invocation,
    ItemDefinition,
    IterationOf,
    Knowledge,
    ListOf,
    LiteralExpression,
    Model,
    Output,
    Parameter,
    Relation,
    Rule,
)
from caseloom.engine.errors import DiagramError, Finding, Severity

NAMESPACES = frozenset(
    (
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    )
)
_AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
_CAMUNDA = "http://camunda.org/schema/1.0/dmn"
_SHORT_POLICIES: Mapping[str, HitPolicy] = {
    "U": HitPolicy.UNIQUE, "A": HitPolicy.ANY, "F": HitPolicy.FIRST, "P": HitPolicy.PRIORITY,
    "R": HitPolicy.RULE_ORDER, "O": HitPolicy.OUTPUT_ORDER, "C": HitPolicy.COLLECT,
}  # fmt: skip

_Node = etree._Element


def read_document(name: str, data: bytes) -> Model:
    """The model in a file."""
    return read_tree(name, parse_xml(name, data))


def read_tree(name: str, root: _Node) -> Model:
    """The model in a document that was read already."""
    tag = etree.QName(root)
    if tag.localname != "definitions" or tag.namespace not in NAMESPACES:
        raise DiagramError(
            [_finding(name, "not-dmn", "This file is no DMN model of the versions 1.1 to 1.5.")]
        )

    _refuse_unknown_policies(name, root)
    elements = tuple(_elements(root))
    _refuse_twins(name, elements)
    return Model(
        file=name,
        id=root.get("id", ""),
        name=root.get("name", ""),
        namespace=root.get("namespace", ""),
        language=root.get("expressionLanguage"),
        imports=tuple(_import(one) for one in _all(root, "import")),
        types=tuple(_item_definition(one) for one in _all(root, "itemDefinition")),
        elements=elements,
        entry_names=frozenset(_entry_names(root)),
    )


def _finding(file: str, code: str, message: str, element_id: str | None = None, line: int = 0) -> Finding:
    return Finding(file, element_id, line, Severity.ERROR, code, message)


def _import(node: _Node) -> Import:
    return Import(_name(node), node.get("namespace", ""), node.get("importType", ""))


def _refuse_unknown_policies(file: str, root: _Node) -> None:
    for table in root.iter("{*}decisionTable"):
        policy, aggregation = table.get("hitPolicy", "UNIQUE"), table.get("aggregation")
        if policy not in _SHORT_POLICIES and policy.upper().replace("_", " ") not in [*HitPolicy]:
            message = f"There is no hit policy “{policy[:40]}”."
        elif aggregation is not None and aggregation not in _AGGREGATIONS:
            message = f"There is no aggregation “{aggregation[:40]}”."
        else:
            continue
        raise DiagramError([_finding(file, "hit-policy", message, table.get("id"), _line(table))])


def _refuse_twins(file: str, elements: Iterable[Element]) -> None:
    seen: set[str] = set()
    for element in elements:
        if element.id and element.id in seen:
            message = f"Two elements have the id “{element.id}”."
            raise DiagramError([_finding(file, "duplicate-id", message, element.id, element.line)])
        seen.add(element.id)


# --- finding one's way


def _local(node: _Node) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _all(node: _Node, *names: str) -> Iterator[_Node]:
    return (child for child in node if _local(child) in names)


def _one(node: _Node, name: str) -> _Node | None:
    return next(_all(node, name), None)


def _text(node: _Node | None, name: str = "text") -> str | None:
    """The text of a child; `None` where there is none, or nothing in it."""
    child = None if node is None else _one(node, name)
    if child is None:
        return None
    return "".join(child.itertext()).strip() or None


def _line(node: _Node) -> int:
    return int(node.sourceline or 0)


def _type(node: _Node | None) -> str | None:
    if node is None:
        return None
    return node.get("typeRef") or _text(node, "typeRef")


def _name(node: _Node) -> str:
    return " ".join(node.get("name", "").split())


def _entry_names(root: _Node) -> Iterator[str]:
    """Names that can stand behind a dot: components of types, entries of contexts and relations."""
    for node in root.iter("{*}itemComponent", "{*}column", "{*}output"):
        yield _name(node)
    for node in root.iter("{*}contextEntry"):
        variable = _one(node, "variable")
        if variable is not None:
            yield _name(variable)


# --- elements


def _elements(root: _Node) -> Iterator[Element]:
    for node in root:
        reader = _ELEMENTS.get(_local(node))
        if reader is not None:
            yield reader(node)


def _variable_type(node: _Node) -> str | None:
    return _type(_one(node, "variable"))


def _references(node: _Node, group: str, *names: str) -> tuple[str, ...]:
    found = (_all(requirement, *names) for requirement in _all(node, group))
    return tuple(one.get("href", "") for requirement in found for one in requirement)


def _input_data(node: _Node) -> InputData:
    return InputData(node.get("id", ""), _name(node), _variable_type(node), _line(node))


def _decision(node: _Node) -> Decision:
    variable = _one(node, "variable")
    return Decision(
        id=node.get("id", ""),
        name=_name(node),
        variable=_name(node) if variable is None else _name(variable) or _name(node),
        type_ref=_variable_type(node),
        requires=_references(node, "informationRequirement", "requiredInput", "requiredDecision"),
        knows=_references(node, "knowledgeRequirement", "requiredKnowledge"),
        expression=_expression_in(node),
        line=_line(node),
    )


def _knowledge(node: _Node) -> Knowledge:
    logic = _one(node, "encapsulatedLogic")
    return Knowledge(
        id=node.get("id", ""),
        name=_name(node),
        type_ref=_variable_type(node),
        knows=_references(node, "knowledgeRequirement", "requiredKnowledge"),
        function=None if logic is None else _function(logic),
        line=_line(node),
    )


def _service(node: _Node) -> DecisionService:
    def hrefs(name: str) -> tuple[str, ...]:
        return tuple(one.get("href", "") for one in _all(node, name))

    return DecisionService(
        id=node.get("id", ""),
        name=_name(node),
        type_ref=_variable_type(node),
        outputs=hrefs("outputDecision"),
        encapsulated=hrefs("encapsulatedDecision"),
        input_decisions=hrefs("inputDecision"),
        input_data=hrefs("inputData"),
        line=_line(node),
    )


_ELEMENTS: Mapping[str, Callable[[_Node], Element]] = {
    "inputData": _input_data,
    "decision": _decision,
    "businessKnowledgeModel": _knowledge,
    "decisionService": _service,
}


def _item_definition(node: _Node) -> ItemDefinition:
    function = _one(node, "functionItem")
    return ItemDefinition(
        name=_name(node),
        type_ref=_text(node, "typeRef") or node.get("typeRef"),
        is_collection=node.get("isCollection") == "true",
        allowed=_text(_one(node, "allowedValues")),
        constraint=_text(_one(node, "typeConstraint")),
        components=tuple(_item_definition(one) for one in _all(node, "itemComponent")),
        parameters=None if function is None else tuple(_parameters(function, "parameters")),
        output_type=None if function is None else function.get("outputTypeRef"),
    )


def _parameters(node: _Node, name: str) -> Iterator[Parameter]:
    return (Parameter(_name(one), _type(one)) for one in _all(node, name))


# --- expressions


def _expression_in(node: _Node | None) -> Boxed | None:
    """The one expression that stands in an element."""
    if node is None:
        return None
    for child in node:
        reader = _EXPRESSIONS.get(_local(child))
        if reader is not None:
            return reader(child)
    return None


def _expressions(node: _Node) -> tuple[Boxed | None, ...]:
    return tuple(_EXPRESSIONS[_local(child)](child) for child in node if _local(child) in _EXPRESSIONS)


def _literal(node: _Node) -> LiteralExpression:
    return LiteralExpression(
        _text(node) or "", node.get("expressionLanguage"), line=_line(node), type_ref=_type(node)
    )


def _context(node: _Node) -> Context:
    return Context(
        tuple(_entry(one) for one in _all(node, "contextEntry")), line=_line(node), type_ref=_type(node)
    )


def _entry(node: _Node) -> Entry:
    variable = _one(node, "variable")
    name = None if variable is None else _name(variable)
    return Entry(name, _type(variable), _expression_in(node))


def _invocation(node: _Node) -> Invocation:
    bindings = []
    for binding in _all(node, "binding"):
        parameter = _one(binding, "parameter")
        if parameter is not None:
            bindings.append((_name(parameter), _expression_in(binding)))
    return Invocation(_expression_in(node), tuple(bindings), line=_line(node), type_ref=_type(node))


def _list(node: _Node) -> ListOf:
    return ListOf(_expressions(node), line=_line(node), type_ref=_type(node))


def _relation(node: _Node) -> Relation:
    columns = tuple(_name(column) for column in _all(node, "column"))
    rows = tuple(_expressions(row) for row in _all(node, "row"))
    return Relation(columns, rows, line=_line(node), type_ref=_type(node))


def _function(node: _Node) -> FunctionDefinition:
    return FunctionDefinition(
        tuple(_parameters(node, "formalParameter")),
        _expression_in(node),
        node.get("kind", "FEEL"),
        line=_line(node),
        type_ref=_type(node),
    )


def _conditional(node: _Node) -> Conditional:
    parts = (_expression_in(_one(node, name)) for name in ("if", "then", "else"))
    return Conditional(*parts, line=_line(node), type_ref=_type(node))


def _filter(node: _Node) -> FilterOf:
    items, match = _expression_in(_one(node, "in")), _expression_in(_one(node, "match"))
    return FilterOf(items, match, line=_line(node), type_ref=_type(node))


def _iteration(node: _Node) -> IterationOf:
    body = "return" if _local(node) == "for" else "satisfies"
    return IterationOf(
        _local(node),
        node.get("iteratorVariable", ""),
        _expression_in(_one(node, "in")),
        _expression_in(_one(node, body)),
        line=_line(node),
        type_ref=_type(node),
    )


def _table(node: _Node) -> DecisionTable:
    policy = node.get("hitPolicy", "UNIQUE")
    return DecisionTable(
        inputs=tuple(_input(one) for one in _all(node, "input")),
        outputs=tuple(_output(one) for one in _all(node, "output")),
        rules=tuple(_rule(one) for one in _all(node, "rule")),
        hit_policy=_SHORT_POLICIES.get(policy) or HitPolicy(policy.upper().replace("_", " ")),
        aggregation=node.get("aggregation"),
        annotations=tuple(one.get("name", "") for one in _all(node, "annotation")),
        line=_line(node),
        type_ref=_type(node),
    )


def _input(node: _Node) -> Input:
    expression = _one(node, "inputExpression")
    return Input(
        id=node.get("id", ""),
        label=node.get("label") or _text(expression) or "",
        text=_text(expression) or "",
        type_ref=_type(expression),
        allowed=_text(_one(node, "inputValues")),
        language=None if expression is None else expression.get("expressionLanguage"),
        line=_line(node),
        variable=node.get(f"{{{_CAMUNDA}}}inputVariable") or "cellInput",
    )


def _output(node: _Node) -> Output:
    default = _one(node, "defaultOutputEntry")
    return Output(
        id=node.get("id", ""),
        name=_name(node),
        label=node.get("label", ""),
        type_ref=_type(node),
        allowed=_text(_one(node, "outputValues")),
        default=None if default is None else _literal(default),
    )


def _rule(node: _Node) -> Rule:
    annotations = [_text(one) or "" for one in _all(node, "annotationEntry")]
    description = _text(node, "description")
    return Rule(
        id=node.get("id", ""),
        line=_line(node),
        inputs=tuple(_cell(one) for one in _all(node, "inputEntry")),
        outputs=tuple(_cell(one) for one in _all(node, "outputEntry")),
        annotations=tuple(annotations) or ((description,) if description else ()),
    )


def _cell(node: _Node) -> Cell:
    return Cell(_text(node) or "", _line(node), node.get("expressionLanguage"), node.get("id"))


_EXPRESSIONS: Mapping[str, Callable[[_Node], Boxed]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "invocation": _invocation,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iteration,
    "some": _iteration,
    "every": _iteration,
}
