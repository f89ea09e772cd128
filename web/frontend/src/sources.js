// Where an element's attributes get their content from: an address, or a data block in the page.

/** The JSON that `reference` names: the id of a `<script type="application/json">`, or an address. */
export async function json(reference) {
  const block = document.getElementById(reference.replace(/^#/, ""));
  if (block) return JSON.parse(block.textContent);

  return (await fetched(reference)).json();
}

/** The text (a diagram's XML) at an address, or in the data block of that id. */
export async function text(reference) {
  const block = document.getElementById(reference.replace(/^#/, ""));
  if (block) return block.textContent;

  return (await fetched(reference)).text();
}

async function fetched(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);

  return response;
}

/** Says in the element's place what went wrong, and keeps the text that was there. */
export function sayFailure(element, message) {
  const note = document.createElement("p");
  note.className = "cl-failure";
  note.setAttribute("role", "status");
  note.textContent = message;
  element.prepend(note);
  element.classList.add("cl-failed");
}
