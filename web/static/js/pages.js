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
