// One BPMN drawing in the page: bpmn-js, zoom buttons, elements that answer to pointer, finger and keyboard.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";

import { drawMarks, marked } from "./marks.js";
import { answerFingers } from "./touch.js";

const AIR = 28;
const READABLE = 0.55;
const LARGEST = 1.15;

export class Board {
  #chosen = null;
  #moved = false;
  #placing = false;

  constructor(element) {
    this.element = element;
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
      const { warnings } = await this.viewer.importXML(xml);
      this.#answer();
      this.#keepPlaced(surface);
      return warnings;
    } catch (error) {
      this.#takeDown();
      throw error;
    }
  }

  /** Replaces all marks by these (shape: top of viewer.js). */
  mark(marks) {
    drawMarks(this.viewer, marks);
    this.#name();
  }

  /** The whole drawing if one could read it then, else the part of it where the case stands. */
  settle() {
    this.#place(() => {
      const scale = this.#wholeScale();
      if (scale >= READABLE) return this.#whole(scale);

      this.#canvas.zoom(READABLE + 0.1, { x: 0, y: 0 });
      const [id] = this.#chosen ? [this.#chosen.id] : [...marked(this.viewer, "current"), ...this.#nodes().map((node) => node.id)];
      if (id) this.#centre(this.#shape(id));
    });
  }

  /** The whole drawing, however small. */
  fit() {
    this.#place(() => this.#whole(this.#wholeScale()));
  }

  /** Brings an element into view and chooses it, without telling anybody. */
  show(id) {
    const shape = this.#shape(id);
    if (!shape) return;

    this.#place(() => {
      this.#canvas.setRootElement(this.#canvas.findRoot(shape));
      this.#canvas.scrollToElement(shape, 60);
    });
    this.#choose(shape);
  }

  get #canvas() {
    return this.viewer.get("canvas");
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

  #takeDown() {
    this.viewer.destroy();
    this.element.replaceChildren(...this.element.querySelector(".cl-alternative").childNodes);
    this.element.classList.remove("cl-diagram");
  }

  #zoomButtons() {
    const zoom = (factor) => () => this.#canvas.zoom(Math.min(4, Math.max(0.1, this.#canvas.zoom() * factor)));
    const bar = document.createElement("div");
    bar.className = "cl-zoom";
    bar.append(
      button("+", "Zoom in", zoom(1.25)),
      button("−", "Zoom out", zoom(0.8)),
      button("Fit", "Show the whole drawing", () => this.fit()),
    );
    return bar;
  }

  // A drawing that nobody has moved is placed anew when its room changes, also when it first gets any.
  #keepPlaced(surface) {
    this.viewer.on("canvas.viewbox.changing", () => {
      if (!this.#placing) this.#moved = true;
    });
    new ResizeObserver(() => {
      if (!surface.isConnected || !surface.clientWidth) return;
      this.#place(() => this.#canvas.resized());
      if (!this.#moved) this.settle();
    }).observe(surface);
  }

  #place(act) {
    this.#placing = true;
    act();
    this.#placing = false;
  }

  #wholeScale() {
    const { inner } = this.#canvas.viewbox();
    const { width, height } = this.#canvas.getSize();
    return Math.max(0.05, Math.min(LARGEST, width / (inner.width + 2 * AIR), height / (inner.height + 2 * AIR)));
  }

  #whole(scale) {
    const { inner } = this.#canvas.viewbox();
    this.#lookAt(inner, scale);
  }

  #centre(shape) {
    this.#canvas.setRootElement(this.#canvas.findRoot(shape));
    this.#lookAt(shape, this.#canvas.zoom());
  }

  #lookAt({ x, y, width, height }, scale) {
    const size = this.#canvas.getSize();
    const shown = { width: size.width / scale, height: size.height / scale };
    this.#canvas.viewbox({ x: x + (width - shown.width) / 2, y: y + (height - shown.height) / 2, ...shown });
  }

  #answer() {
    this.viewer.get("eventBus").on("element.click", ({ element }) => this.#tell(element.labelTarget ?? element));
    this.element.addEventListener("keydown", (event) => {
      const node = event.target.closest?.(".cl-node");
      if (!node || !["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      this.#tell(this.#shape(node.dataset.elementId));
    });
    for (const shape of this.#nodes()) {
      const graphics = this.#graphics(shape);
      graphics.classList.add("cl-node");
      graphics.setAttribute("tabindex", "0");
      graphics.setAttribute("role", "button");
    }
    this.#name();
    answerFingers(this.element.querySelector(".cl-surface"), this.#canvas);
  }

  #name() {
    for (const shape of this.#nodes()) {
      const { caseloomTitle: title } = shape;
      this.#graphics(shape).setAttribute("aria-label", title ? `${label(shape)}: ${title}` : label(shape));
    }
  }

  #nodes() {
    return this.viewer.get("elementRegistry").filter(isNode);
  }

  #shape(id) {
    return this.viewer.get("elementRegistry").get(id);
  }

  #graphics(shape) {
    return this.viewer.get("elementRegistry").getGraphics(shape);
  }

  #tell(shape) {
    if (!isNode(shape)) return;

    this.#choose(shape);
    const detail = { id: shape.businessObject.id, name: label(shape), type: shape.type.replace(/^bpmn:/, "") };
    this.element.dispatchEvent(new CustomEvent("caseloom:element", { bubbles: true, detail }));
  }

  #choose(shape) {
    if (this.#chosen) this.#canvas.removeMarker(this.#chosen, "cl-chosen");
    this.#canvas.addMarker(shape, "cl-chosen");
    this.#chosen = shape;
  }
}

// Besides its shape, a collapsed sub-process has a plane of its own, and an event may have a label of its own.
function isNode(shape) {
  return Boolean(shape.parent) && !shape.labelTarget && shape.businessObject?.$instanceOf?.("bpmn:FlowNode");
}

const label = (shape) => shape.businessObject.name || shape.businessObject.id;

function button(words, title, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
}
