// Fingers on a drawing, which bpmn-js leaves to the page: one moves it sideways (up and down the page scrolls as it
// always does), two move and zoom it.

export function answerFingers(surface, canvas) {
  const fingers = new Map();
  surface.style.touchAction = "pan-y";

  surface.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, at(event));
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    surface.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  surface.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;

    const other = [...fingers.entries()].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, at(event));
    if (other) pinch(surface, canvas, before, at(event), other);
    else canvas.scroll({ dx: event.clientX - before.x, dy: 0 });
  });
}

const at = (event) => ({ x: event.clientX, y: event.clientY });
const distance = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

function pinch(surface, canvas, before, now, other) {
  const { left, top } = surface.getBoundingClientRect();
  const centre = { x: (now.x + other.x) / 2 - left, y: (now.y + other.y) / 2 - top };
  canvas.scroll({ dx: (now.x - before.x) / 2, dy: (now.y - before.y) / 2 });
  const zoom = canvas.zoom() * (distance(now, other) / Math.max(1, distance(before, other)));
  canvas.zoom(Math.min(4, Math.max(0.1, zoom)), centre);
}
