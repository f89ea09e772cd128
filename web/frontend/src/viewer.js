// The diagram of a definition or a case, with what happened drawn on it.
//
// MOUNTING
//
//   <link rel="stylesheet" href="…/vendor/caseloom-viewer.css">
//   <script type="module" src="…/vendor/caseloom-viewer.js"></script>
//
//   <div data-diagram="/definitions/17/diagram.bpmn"     address of the XML, or id of a data block
//        data-marks="/cases/9/marks.json"                 address of the marks, or id of a data block (optional)
//        data-kind="dmn"                                  only where the address does not end in .dmn (optional)
//        data-chosen="check_plot"                         element that is chosen at first (optional)
//        id="diagram" data-testid="diagram" aria-label="Lease request">
//     The text alternative; it stays in the page for screen readers and shows where the drawing cannot.
//   </div>
//
// A data block is <script type="application/json" id="marks">…</script> (or type="application/xml").
// The element needs a height from the page's style sheet (28rem unless it says otherwise).
//
// MARKS
//
//   { "elements": { "check_plot": { "marks": ["done"],           any of the words below
//                                   "count": 2,                  times done, shown from 2 on (optional)
//                                   "title": "done by Anna" } }, text for pointer and screen reader (optional)
//     "inserted": [ { "anchor": "check_plot",                    element id; null is the case as a whole
//                     "place": "before",                         before | after | beside | scope | case
//                     "name": "Ask the surveyor",
//                     "marks": ["current"],
//                     "id": "…", "href": "/tasks/…", "title": "…" } ] }   these three optional
//
//   Words: done current held skipped superseded withdrawn failed inserted directive
//          finding-error finding-warning
//          preview-opened preview-withdrawn preview-superseded preview-restored
//   `directive` is a standing order (skip when it comes). Elements that the drawing lacks are passed over.
//
// MORE MARKS FOR A WHILE (a preview)
//
//   Any <script type="application/json" data-marks-for="diagram">{…marks…}</script> in the page adds its marks to the
//   diagram of that id for as long as it stands in the page. So a preview that htmx swaps in shows itself on
//   the drawing, and taking it out of the page takes it off again.
//
// LINKS INTO THE DRAWING
//
//   <a href="#diagram" data-shows="check_plot">  brings the element into view and chooses it.
//
// EVENTS
//
//   caseloom:element   from the diagram, bubbles: a person chose an element (click, Enter or space).
//                      detail = { id, name, type }
//   caseloom:drawn     from the diagram, bubbles: the drawing stands. detail = { warnings }
//   caseloom:marks     to the diagram: read the marks again. detail = none, or { marks } to use these,
//                      or { from: "address or id" } to read them from somewhere else.
//   caseloom:show      to the diagram: bring an element into view and choose it. detail = { id }

import "./viewer.css";
import { Board } from "./board.js";
import { combined } from "./marks.js";
import { mountAll, styleSheet, whenReady } from "./mounting.js";
import { json, sayFailure, text } from "./sources.js";

mountAll("[data-diagram]", (element) => (isDecision(element) ? mountDecision(element) : mountProcess(element)));
whenReady(() => document.addEventListener("click", followLink));

function isDecision(element) {
  return element.dataset.kind === "dmn" || /\.dmn($|\?)/.test(element.dataset.diagram);
}

async function mountDecision(element) {
  const [{ showDecision }] = await Promise.all([import("./dmn.js"), styleSheet("caseloom-dmn.css")]);

  await showDecision(element);
}

async function mountProcess(element) {
  const board = new Board(element);
  try {
    const warnings = await board.draw(await text(element.dataset.diagram));
    await listen(element, board);
    if (element.dataset.chosen) board.show(element.dataset.chosen);
    board.settle();
    element.dispatchEvent(new CustomEvent("caseloom:drawn", { bubbles: true, detail: { warnings } }));
  } catch (error) {
    sayFailure(element, `The diagram cannot be shown: ${error.message}`);
  }
}

async function listen(element, board) {
  let own = null;
  const redraw = () => board.mark(combined(own, ...passing(element.id)));
  const read = async ({ marks, from = element.dataset.marks } = {}) => {
    own = marks ?? (from ? await json(from) : null);
    redraw();
  };

  element.addEventListener("caseloom:marks", (event) => read(event.detail ?? {}).catch(report(element)));
  element.addEventListener("caseloom:show", (event) => board.show(event.detail.id));
  watchPassing(element, redraw);
  await read().catch(report(element));
}

const report = (element) => (error) => sayFailure(element, `The marks cannot be shown: ${error.message}`);

const passingSelector = (id) => `script[type="application/json"][data-marks-for="${CSS.escape(id)}"]`;

function passing(id) {
  if (!id) return [];
  return [...document.querySelectorAll(passingSelector(id))].map((block) => JSON.parse(block.textContent));
}

function watchPassing(element, redraw) {
  if (!element.id) return;

  let seen = "";
  const lookAgain = () => {
    if (!element.isConnected) return observer.disconnect();
    const now = [...document.querySelectorAll(passingSelector(element.id))].map((block) => block.textContent).join("\n");
    if (now === seen) return;
    seen = now;
    redraw();
  };
  const observer = new MutationObserver(lookAgain);
  observer.observe(document.body, { childList: true, subtree: true });
  lookAgain();
}

function followLink(event) {
  const link = event.target.closest?.("[data-shows]");
  if (!link) return;

  const target = document.querySelector(link.getAttribute("href") ?? "[data-diagram]");
  if (!target?.matches("[data-diagram]")) return;

  event.preventDefault();
  target.scrollIntoView({ block: "nearest" });
  target.dispatchEvent(new CustomEvent("caseloom:show", { detail: { id: link.dataset.shows } }));
}
