// Marks on a drawing: a colour and a sign for each element, a strike for what is skipped, cards for inserted work.
//
// Everything drawn here is an overlay or a CSS class, so that taking the marks off leaves the drawing untouched.

const LAYER = "caseloom";

// What a badge shows; the first mark in this order that an element carries wins.
const SIGNS = {
  "preview-withdrawn": "−",
  "preview-opened": "+",
  "preview-superseded": "↺",
  "preview-restored": "↻",
  "finding-error": "!",
  "finding-warning": "?",
  "failed": "!",
  "held": "⏸",
  "current": "▶",
  "directive": "⤼",
  "skipped": "⤼",
  "superseded": "↺",
  "withdrawn": "×",
  "done": "✓",
  "inserted": "+",
};

const WORDS = {
  "preview-withdrawn": "would be withdrawn",
  "preview-opened": "would open",
  "preview-superseded": "would be superseded",
  "preview-restored": "would count again",
  "finding-error": "error",
  "finding-warning": "warning",
  "failed": "failed",
  "held": "held",
  "current": "current",
  "directive": "will be skipped",
  "skipped": "skipped",
  "superseded": "superseded",
  "withdrawn": "withdrawn",
  "done": "done",
  "inserted": "inserted",
};

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
  for (const [anchor, cards] of grouped(inserted)) putCards(viewer, anchor, cards);
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
  badge(viewer, shape, marks, count);
}

const spoken = (marks) => marks.map((mark) => WORDS[mark] ?? mark).join(", ");

function badge(viewer, shape, marks, count) {
  const shown = Object.keys(SIGNS).find((mark) => marks.includes(mark));
  if (!shown && count < 2) return;

  const html = document.createElement("span");
  html.className = `cl-badge cl-key-${shown ?? "done"}`;
  html.textContent = [SIGNS[shown] ?? "", count > 1 ? `×${count}` : ""].join(" ").trim();
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

function grouped(inserted) {
  const groups = new Map();
  for (const card of inserted) {
    const anchor = card.anchor ?? null;
    groups.set(anchor, [...(groups.get(anchor) ?? []), card]);
  }
  return groups;
}

function putCards(viewer, anchor, cards) {
  const shape = anchor && viewer.get("elementRegistry").get(anchor);
  if (!shape || shape.waypoints || !shape.parent) return putCaseCards(viewer, cards);

  for (const place of new Set(cards.map((card) => card.place))) {
    const html = cardList(cards.filter((card) => card.place === place), place);
    viewer.get("overlays").add(shape, LAYER, { position: positionOf(place, shape), html });
  }
}

function positionOf(place, shape) {
  if (place === "before") return { bottom: -8, left: -34 };
  if (place === "after") return { bottom: -8, left: shape.width - 66 };
  return { bottom: -8, left: shape.width / 2 - 50 };
}

function putCaseCards(viewer, cards) {
  const container = viewer.get("canvas").getContainer();
  let strip = container.querySelector(".cl-case-cards");
  if (!strip) {
    strip = document.createElement("div");
    strip.className = "cl-case-cards";
    container.append(strip);
  }
  strip.append(cardList(cards, "case"));
}

function cardList(cards, place) {
  const list = document.createElement("div");
  list.className = `cl-cards cl-cards-${place}`;
  list.append(...cards.map(cardOf));
  return list;
}

function cardOf({ name, marks = [], href, id, title = "" }) {
  const card = document.createElement(href ? "a" : "span");
  if (href) card.href = href;
  if (id) card.dataset.insertedId = id;
  const shown = Object.keys(SIGNS).find((mark) => marks.includes(mark)) ?? "inserted";
  card.className = ["cl-card", `cl-key-${shown}`, ...marks.map((mark) => `cl-${mark}`)].join(" ");
  card.textContent = `${SIGNS[shown]} ${name}`;
  card.title = [name, title || spoken(marks)].filter(Boolean).join(": ");
  return card;
}
