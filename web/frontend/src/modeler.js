// The drawing board: bpmn-js' modeler with the properties panel for `camunda:` attributes. Big, so only the page
// that draws asks for it.
//
// MOUNTING
//
//   <link rel="stylesheet" href="…/vendor/caseloom-modeler.css">
//   <script type="module" src="…/vendor/caseloom-modeler.js"></script>
//
//   <form method="post">
//     <div data-modeler="/definitions/17/diagram.bpmn"   address of the XML, or id of a data block
//          data-panel="#properties"                       where the properties panel goes (a CSS selector)
//          data-field="diagram"></div>                    name of the hidden field (default: diagram); made if absent
//     <div id="properties"></div>
//   </form>
//
// The hidden field holds the XML, is written after every change and then sends `change` (bubbles). Attributes of
// namespaces that the panel does not know, `caseloom:` among them, stay as they are.
//
// EVENTS
//
//   caseloom:drawn     from the element, bubbles: the drawing stands. detail = { warnings, modeler }
//   caseloom:element   from the element, bubbles: what is selected. detail = { id, name, type }
//   caseloom:marks     to the element: detail = { marks } in the viewer's shape, to show findings

import Modeler from "bpmn-js/lib/Modeler";
import {
  BpmnPropertiesPanelModule,
  BpmnPropertiesProviderModule,
  CamundaPlatformPropertiesProviderModule,
} from "bpmn-js-properties-panel";
import camundaBehaviors from "camunda-bpmn-js-behaviors/lib/camunda-platform";
import camunda from "camunda-bpmn-moddle/resources/camunda.json";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "@bpmn-io/properties-panel/dist/assets/properties-panel.css";
import "./viewer.css";
import "./modeler.css";

import { combined, drawMarks } from "./marks.js";
import { mountAll } from "./mounting.js";
import { sayFailure, text } from "./sources.js";

mountAll("[data-modeler]", mountModeler);

async function mountModeler(element) {
  const surface = document.createElement("div");
  surface.className = "cl-surface";
  const modeler = new Modeler({
    container: surface,
    overlays: { defaults: { show: { minZoom: 0.05, maxZoom: 20 }, scale: true } },
    propertiesPanel: { parent: element.dataset.panel },
    moddleExtensions: { camunda },
    additionalModules: [
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      CamundaPlatformPropertiesProviderModule,
      camundaBehaviors,
    ],
  });
  try {
    const xml = await text(element.dataset.modeler);
    element.replaceChildren(surface);
    element.classList.add("cl-diagram", "cl-modeler");
    const { warnings } = await modeler.importXML(xml);
    modeler.get("canvas").zoom("fit-viewport", "auto");
    keep(element, modeler);
    element.dispatchEvent(new CustomEvent("caseloom:drawn", { bubbles: true, detail: { warnings, modeler } }));
  } catch (error) {
    modeler.destroy();
    sayFailure(element, `The diagram cannot be opened: ${error.message}`);
  }
}

function keep(element, modeler) {
  const field = hiddenField(element);
  modeler.on("commandStack.changed", async () => {
    const { xml } = await modeler.saveXML({ format: true });
    field.value = xml;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  modeler.on("selection.changed", ({ newSelection: [shape] }) => {
    if (!shape) return;
    const { id, name = "", $type } = shape.businessObject;
    const detail = { id, name, type: $type.replace(/^bpmn:/, "") };
    element.dispatchEvent(new CustomEvent("caseloom:element", { bubbles: true, detail }));
  });
  element.addEventListener("caseloom:marks", ({ detail }) => drawMarks(modeler, combined(detail?.marks)));
}

function hiddenField(element) {
  const name = element.dataset.field ?? "diagram";
  const form = element.closest("form");
  const there = form?.elements.namedItem(name);
  if (there) return there;

  const made = document.createElement("input");
  made.type = "hidden";
  made.name = name;
  (form ?? element.parentElement).append(made);
  return made;
}
