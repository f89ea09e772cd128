// One BPMN drawing in the page: bpmn-js, zoom buttons, elements that answer to pointer and keyboard.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";

import { drawMarks } from "./marks.js";

export class Board {
  constructor(element) {
    this.element = element;
    this.chosen = null;
    this.viewer = null;
  }

  /** Draws the XML; resolves to bpmn-js' warnings. */
  async draw(xml) {
    const surface = this.#surface();
    this.viewer = new NavigatedViewer({
      container: surface,
      overlays: { defaults: { show: { minZoom: 0.05, maxZoom: 20 }, scale: true } },
      zoomScroll: { enabled: false },
    });
    try {
      const result = await this.viewer.importXML(xml);
      this.#answer();
      this.fit();
      return result;
    } catch (error) {
      this.viewer.destroy();
      surface.remove();
      this.element.classList.remove("cl-diagram");
      throw error;
    }
  }

  /** The whole drawing, never larger than drawn, and a little air around it. */
  fit() {
    const canvas = this.viewer.get("canvas");
    const { inner } = canvas.viewbox();
    const { width, height } = canvas.getSize();
    const air = 24;
    if (!width || !height || !inner.width) return;

    const scale = Math.min(1, width / (inner.width + 2 * air), height / (inner.height + 2 * air));
    const shown = { width: width / scale, height: height / scale };
    canvas.viewbox({
      x: inner.x - Math.max(air, (shown.width - inner.width) / 2),
      y: inner.y - Math.max(air, (shown.height - inner.height) / 2),
      ...shown,
    });
  }

  /** Replaces all marks by these (shape: top of viewer.js). */
  mark(marks) {
    drawMarks(this.viewer, marks);
    this.#name();
  }

  /** Brings an element into view and chooses it, without telling anybody. */
  show(id) {
    const shape = this.viewer.get("elementRegistry").get(id);
    if (!shape) return;

    const canvas = this.viewer.get("canvas");
    canvas.setRootElement(canvas.findRoot(shape));
    canvas.scrollToElement(shape, 60);
    this.#choose(shape);
  }

  #surface() {
    const surface = document.createElement("div");
    surface.className = "cl-surface";
    const alternative = document.createElement("div");
    alternative.className = "cl-alternative";
    alternative.append(...this.element.childNodes);
    this.element.append(alternative, surface, this.#zoomButtons());
    this.element.classList.add("cl-diagram");

    return surface;
  }

  #zoomButtons() {
    const zoom = (factor) => () => {
      const canvas = this.viewer.get("canvas");
      canvas.zoom(Math.min(4, Math.max(0.1, canvas.zoom() * factor)));
    };
    const bar = document.createElement("div");
    bar.className = "cl-zoom";
    bar.append(
      button("+", "Zoom in", zoom(1.25)),
      button("−", "Zoom out", zoom(0.8)),
      button("⤢", "Fit the drawing", () => this.fit()),
    );
    return bar;
  }

  #answer() {
    this.viewer.get("eventBus").on("element.click", ({ element }) => this.#tell(element));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      const id = event.target.closest?.(".cl-node")?.dataset.elementId;
      if (!id) return;
      event.preventDefault();
      this.#tell(this.viewer.get("elementRegistry").get(id));
    });
    for (const shape of this.#nodes()) {
      const graphics = this.#graphics(shape);
      graphics.classList.add("cl-node");
      graphics.setAttribute("tabindex", "0");
      graphics.setAttribute("role", "button");
    }
    this.#name();
  }

  #name() {
    for (const shape of this.#nodes()) {
      const title = shape.caseloomTitle;
      this.#graphics(shape).setAttribute("aria-label", title ? `${label(shape)}: ${title}` : label(shape));
    }
  }

  #nodes() {
    return this.viewer.get("elementRegistry").filter(isNode);
  }

  #graphics(shape) {
    return this.viewer.get("elementRegistry").getGraphics(shape);
  }

  #tell(clicked) {
    const shape = clicked.labelTarget ?? clicked;
    if (!isNode(shape)) return;

    this.#choose(shape);
    const detail = { id: shape.businessObject.id, name: label(shape), type: shape.type.replace(/^bpmn:/, "") };
    this.element.dispatchEvent(new CustomEvent("caseloom:element", { bubbles: true, detail }));
  }

  #choose(shape) {
    const canvas = this.viewer.get("canvas");
    if (this.chosen) canvas.removeMarker(this.chosen, "cl-chosen");
    canvas.addMarker(shape, "cl-chosen");
    this.chosen = shape;
  }
}

const isNode = (element) => Boolean(element.businessObject?.$instanceOf?.("bpmn:FlowNode")) && !element.labelTarget
  && !element.id.endsWith("_plane");

const label = (shape) => shape.businessObject.name || shape.businessObject.id;

function button(sign, title, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = sign;
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
}
