// Marks on a drawing: a colour and a sign for each element, a strike for what is skipped, cards for inserted work.
//
// Everything drawn here is an overlay or a CSS class, so that taking the marks off leaves the drawing untouched.

import { foremost, sign, spoken } from "./signs.js";

const LAYER = "caseloom";
const CARD_WIDTH = 128;
const STRUCK = new Set(["skipped", "directive"]);

/** Several sets of marks as one; later ones add to earlier ones. */
export function combined(...sets) {
  const whole = { elements: {}, inserted: [] };
  for (const { elements = {}, inserted = [] } of sets.filter(Boolean)) {
    for (const [id, mark] of Object.entries(elements)) whole.elements[id] = added(whole.elements[id], mark);
    whole.inserted.push(...inserted);
  }
  return whole;
}

function added(before, mark) {
  if (!before) return mark;
  return { ...before, ...mark, marks: [...new Set([...(before.marks ?? []), ...(mark.marks ?? [])])] };
}

/** Takes off the marks that are on the drawing and puts these on. */
export function drawMarks(viewer, { elements, inserted }) {
  clear(viewer);
  for (const [id, mark] of Object.entries(elements)) markElement(viewer, id, mark);
  for (const [anchor, cards] of Map.groupBy(inserted, (card) => card.anchor ?? null)) putCards(viewer, anchor, cards);
}

/** The ids of the elements that carry a mark. */
export function marked(viewer, mark) {
  return viewer.get("elementRegistry").filter((shape) => shape.caseloomMarks?.includes(mark)).map((shape) => shape.id);
}

function clear(viewer) {
  const canvas = viewer.get("canvas");
  for (const shape of viewer.get("elementRegistry").filter((element) => element.caseloomMarks)) {
    for (const mark of shape.caseloomMarks) canvas.removeMarker(shape, `cl-${mark}`);
    delete shape.caseloomMarks;
    delete shape.caseloomTitle;
  }
  viewer.get("overlays").remove({ type: LAYER });
  canvas.getContainer().querySelector(".cl-case-cards")?.remove();
}

function markElement(viewer, id, { marks = [], count = 0, title = "" }) {
  const shape = viewer.get("elementRegistry").get(id);
  if (!shape) return;

  shape.caseloomMarks = marks;
  shape.caseloomTitle = title || spoken(marks);
  for (const mark of marks) viewer.get("canvas").addMarker(shape, `cl-${mark}`);
  if (shape.waypoints) return;

  if (marks.some((mark) => STRUCK.has(mark))) strike(viewer, shape);
  badge(viewer, shape, foremost(marks), count);
}

function badge(viewer, shape, mark, count) {
  if (!mark && count < 2) return;

  const html = document.createElement("span");
  html.className = `cl-badge cl-key-${mark ?? "done"}`;
  if (mark) html.append(sign(mark));
  if (count > 1) html.append(`×${count}`);
  html.title = shape.caseloomTitle;
  viewer.get("overlays").add(shape, LAYER, { position: { top: -11, right: 13 }, html });
}

function strike(viewer, shape) {
  const html = document.createElement("span");
  html.className = "cl-strike";
  html.style.width = `${shape.width}px`;
  html.style.height = `${shape.height}px`;
  viewer.get("overlays").add(shape, LAYER, { position: { top: 0, left: 0 }, html });
}

function putCards(viewer, anchor, cards) {
  const shape = anchor && viewer.get("elementRegistry").get(anchor);
  if (!shape || shape.waypoints || !shape.parent) return putCaseCards(viewer, cards);

  const html = cardList(cards);
  html.style.width = `${CARD_WIDTH}px`;
  const position = { bottom: -1, left: (shape.width - CARD_WIDTH) / 2 };
  viewer.get("overlays").add(shape, LAYER, { position, html });
}

// Work that hangs on no element of this drawing stands at the drawing's edge.
function putCaseCards(viewer, cards) {
  const container = viewer.get("canvas").getContainer();
  const strip = container.querySelector(".cl-case-cards") ?? document.createElement("div");
  strip.classList.add("cl-case-cards");
  strip.append(...cards.map(cardOf));
  container.append(strip);
}

function cardList(cards) {
  const list = document.createElement("div");
  list.className = "cl-cards";
  list.append(...cards.map(cardOf));
  return list;
}

function cardOf({ name, place = "case", marks = [], href, id, title = "" }) {
  const card = document.createElement(href ? "a" : "span");
  if (href) card.href = href;
  if (id) card.dataset.insertedId = id;
  const mark = foremost(marks) ?? "inserted";
  card.className = ["cl-card", `cl-place-${place}`, `cl-key-${mark}`, ...marks.map((word) => `cl-${word}`)].join(" ");
  card.append(sign(mark), name);
  card.title = `${name} (inserted${place === "case" ? "" : `, ${place}`}): ${title || spoken(marks) || "open"}`;
  return card;
}
