// What the pages do beyond links and forms: shortcuts, closing menus, fields that come and go, the drawing as a chooser.
//
// Everything here only makes quicker what works without it.

const places = { i: "inbox", c: "cases", d: "diagrams", n: "new", t: "try" };
let waitingForPlace = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return closeWhatIsOpen();
  if (isTyping(event.target)) return;

  if (waitingForPlace) {
    waitingForPlace = false;
    return goTo(places[event.key]);
  }
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const keys = {
  g: () => {
    waitingForPlace = true;
    setTimeout(() => (waitingForPlace = false), 1500);
  },
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => openDialog("shortcuts"),
  j: () => moveRow(1),
  k: () => moveRow(-1),
};

const isTyping = (element) => element.matches?.("input, textarea, select, [contenteditable]") ?? false;

function goTo(place) {
  document.querySelector(`[data-shortcut="${place}"]`)?.click();
}

function moveRow(step) {
  const rows = [...document.querySelectorAll(".row-title")];
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
}

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

function closeWhatIsOpen() {
  if (closeSpot()) return;
  const menu = document.querySelector("details[data-closes][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  if (!document.querySelector("dialog[open]")) document.querySelector("[data-escape]")?.click();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) openDialog(opener.dataset.opens);
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    if (opener || !menu.contains(event.target)) menu.open = false;
  }
});

// A draft that was saved may change which fields the form shows.
document.addEventListener("caseloom:fields", (event) => {
  const hidden = new Set(event.detail.hidden);
  for (const field of document.querySelectorAll("[data-field]")) field.hidden = hidden.has(field.dataset.field);
});

// A preview takes the place of its form: it is shown from its beginning, and read from there.
document.addEventListener("htmx:after:swap", () => {
  const title = document.querySelector("#change:has(.consequences) #change-title");
  if (!title) return;

  title.closest("#change").scrollIntoView({ block: "start" });
  title.focus({ preventScroll: true });
});

// A click on the drawing chooses the same step in the open panel.
document.addEventListener("caseloom:element", (event) => {
  const id = CSS.escape(event.detail.id);
  const choice = document.querySelector(`[data-follows-drawing] [data-element="${id}"]`);
  if (!choice) return;

  if (choice.matches("option")) {
    choice.closest("select").value = choice.value;
    return;
  }
  const radio = choice.querySelector("input");
  radio.checked = true;
  choice.scrollIntoView({ block: "nearest" });
});

// Where no panel is open, it opens a small menu of what can be done there, beside the element.
document.addEventListener("caseloom:element", async (event) => {
  const drawing = event.target.closest("[data-spots]");
  if (!drawing) return;

  const shape = drawing.querySelector(`.djs-shape[data-element-id="${CSS.escape(event.detail.id)}"]`);
  const answer = await fetch(drawing.dataset.spots + encodeURIComponent(event.detail.id), {
    headers: { "HX-Request": "true", "HX-Request-Type": "partial" },
  });
  if (answer.status === 401) return location.reload();
  if (!shape || !answer.ok) return;
  openSpot(drawing, shape, event.detail.name, await answer.text());
});

function openSpot(drawing, shape, name, html) {
  closeSpot();
  const menu = document.createElement("div");
  menu.className = "spot";
  menu.dataset.testid = "spot";
  menu.setAttribute("role", "dialog");
  menu.setAttribute("aria-label", `What can be done at ${name}`);
  menu.tabIndex = -1;
  const title = document.createElement("p");
  title.className = "spot-name";
  title.textContent = name;
  menu.innerHTML = html;
  menu.prepend(title);
  document.body.append(menu);
  menu.returnTo = shape;
  placeBeside(menu, shape.getBoundingClientRect());
  (menu.querySelector("a") ?? menu).focus({ preventScroll: true });
}

// Below the element where there is room, else above it; never outside the window, nor over the drawing's watermark.
function placeBeside(menu, { left, right, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const furthest = document.documentElement.clientWidth - width - 8;
  const inside = (x) => Math.max(8, Math.min(x, furthest));
  const below = bottom + 8;
  const above = Math.max(8, top - height - 8);
  const places = [left, right - width, 8, furthest].flatMap((x) => [
    ...(below + height <= window.innerHeight ? [{ x: inside(x), y: below }] : []),
    { x: inside(x), y: above },
  ]);
  const mark = document.querySelector(".bjs-powered-by")?.getBoundingClientRect();
  const covers = ({ x, y }) => mark && x < mark.right && x + width > mark.left && y < mark.bottom && y + height > mark.top;
  const { x, y } = places.find((place) => !covers(place)) ?? places[0];
  menu.style.left = `${x + window.scrollX}px`;
  menu.style.top = `${y + window.scrollY}px`;
}

function closeSpot() {
  const menu = document.querySelector(".spot");
  if (!menu) return false;

  const hadFocus = menu.contains(document.activeElement);
  menu.remove();
  if (hadFocus) menu.returnTo.focus({ preventScroll: true });
  return true;
}

document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest(".spot")) closeSpot();
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".spot");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;

  event.preventDefault();
  const links = [...menu.querySelectorAll("a")];
  const step = event.key === "ArrowDown" ? 1 : links.length - 1;
  links[(links.indexOf(document.activeElement) + step) % links.length]?.focus();
});

// A form is sent once, however often its button is clicked. (A page that comes back from the browser's memory may
// send again.)
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;

  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
