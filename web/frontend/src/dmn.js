// A decision model, to look at: its requirements and, in tabs, each decision table and expression.
//
// Not mounted by itself: viewer.js loads it for a `data-diagram` whose address ends in .dmn or that carries
// data-kind="dmn". Sends `caseloom:element` (id, name, type) when a person opens one of the decisions.

import Viewer from "dmn-js/lib/NavigatedViewer";
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-drd.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "./dmn.css";

import { sayFailure, text } from "./sources.js";

export async function showDecision(element) {
  const alternative = [...element.childNodes];
  const tabs = document.createElement("div");
  const surface = document.createElement("div");
  tabs.className = "cl-tabs";
  tabs.setAttribute("role", "tablist");
  surface.className = "cl-decision-surface";
  const viewer = new Viewer({ container: surface });

  try {
    const xml = asVersion13(await text(element.dataset.diagram));
    element.replaceChildren(tabs, surface);
    element.classList.add("cl-decision");
    viewer.on("views.changed", ({ views, activeView }) => showTabs(element, tabs, viewer, views, activeView));
    const { warnings } = await viewer.importXML(xml);
    new ResizeObserver(() => fit(viewer)).observe(surface);
    element.dispatchEvent(new CustomEvent("caseloom:drawn", { bubbles: true, detail: { warnings } }));
  } catch (error) {
    viewer.destroy();
    element.replaceChildren(...alternative);
    element.classList.remove("cl-decision");
    sayFailure(element, `The decision model cannot be shown: ${error.message}`);
  }
}

// dmn-js reads the namespaces of DMN 1.3 alone; for looking at a model the other versions are near enough.
function asVersion13(xml) {
  return xml.replace(
    /https?:\/\/www\.omg\.org\/spec\/DMN\/(?:2018|2021|2023|2024)\d{4}\/(MODEL|DMNDI)\//g,
    "https://www.omg.org/spec/DMN/20191111/$1/",
  ).replaceAll("http://www.omg.org/spec/DMN/20151101/dmn.xsd", "https://www.omg.org/spec/DMN/20191111/MODEL/");
}

function showTabs(element, tabs, viewer, views, activeView) {
  tabs.replaceChildren(...views.map((view) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(view === activeView));
    tab.textContent = view.type === "drd" ? "Overview" : view.name || view.id;
    tab.addEventListener("click", async () => {
      await viewer.open(view);
      fit(viewer);
      tell(element, view);
    });
    return tab;
  }));
}

function fit(viewer) {
  if (viewer.getActiveView()?.type !== "drd") return;

  const canvas = viewer.getActiveViewer().get("canvas");
  canvas.resized();
  canvas.zoom("fit-viewport", "auto");
}

function tell(element, view) {
  const detail = { id: view.element.id, name: view.name ?? view.element.id, type: view.element.$type.replace(/^dmn:/, "") };
  element.dispatchEvent(new CustomEvent("caseloom:element", { bubbles: true, detail }));
}
