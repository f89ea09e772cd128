// The words for what may be marked on a drawing: how each is said, and the sign that goes with its colour.
// Signs are drawn, not typed, since no font on a strange machine can be relied on to have them.

const STROKES = {
  tick: "M2 6.5 4.8 9.3 10 3.2",
  play: "M3.5 2.3 9.7 6 3.5 9.7z",
  pause: "M4 2.5v7M8 2.5v7",
  jump: "M1.5 8.5C2 3.5 8 3 9.7 7.2M10.5 3.6 9.8 7.6 6.2 6.3",
  back: "M3.6 3.2A4 4 0 1 1 2 6.6M3.6.9V3.5H6.2",
  forth: "M8.4 3.2A4 4 0 1 0 10 6.6M8.4.9V3.5H5.8",
  cross: "M3 3l6 6M9 3 3 9",
  plus: "M6 2v8M2 6h8",
  minus: "M2 6h8",
  exclamation: "M6 1.8v5.4M6 9.7v.3",
  question: "M4 4a2 2 0 1 1 2.9 1.8C6.2 6.2 6 6.5 6 7.4M6 9.9v.2",
};

// The first of these that an element carries is what its badge shows.
const MARKS = [
  ["preview-withdrawn", "would be withdrawn", "minus"],
  ["preview-opened", "would open", "plus"],
  ["preview-superseded", "would be superseded", "back"],
  ["preview-restored", "would count again", "forth"],
  ["finding-error", "error", "exclamation"],
  ["finding-warning", "warning", "question"],
  ["failed", "failed", "exclamation"],
  ["held", "held", "pause"],
  ["current", "current", "play"],
  ["directive", "will be skipped", "jump"],
  ["skipped", "skipped", "jump"],
  ["superseded", "superseded", "back"],
  ["withdrawn", "withdrawn", "cross"],
  ["done", "done", "tick"],
  ["inserted", "inserted", "plus"],
];

/** The mark that a badge shows, or undefined. */
export const foremost = (marks) => MARKS.map(([mark]) => mark).find((mark) => marks.includes(mark));

/** The marks as a person would say them. */
export const spoken = (marks) => MARKS.filter(([mark]) => marks.includes(mark)).map(([, words]) => words).join(", ");

/** The sign of a mark as an SVG element. */
export function sign(mark) {
  const [, , stroke] = MARKS.find(([name]) => name === mark);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", "cl-sign");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", STROKES[stroke]);
  svg.append(path);
  return svg;
}
