// A form-js form as part of an ordinary HTML form: what a person types is kept as JSON in a hidden field.
//
// MOUNTING
//
//   <link rel="stylesheet" href="…/vendor/caseloom-form.css">
//   <script type="module" src="…/vendor/caseloom-form.js"></script>
//
//   <form method="post">
//     <div data-form="form-schema"         id of a <script type="application/json"> with the schema, or its address
//          data-values="form-values"       the same for the values to begin with: an object (optional)
//          data-field="form_data"          name of the hidden field (default: form_data); the script makes
//                                          it in the same <form> if it is not there
//          data-readonly>                  only to look at (optional)
//       What to say where there is no JavaScript.
//     </div>
//     <button>Complete</button>  <button formnovalidate name="draft" value="1">Save draft</button>
//   </form>
//
// The hidden field holds an object with the form's own fields only. It is written at the start and after every
// change; after a change it also sends `change` (bubbles), so that a draft can be saved by
// hx-trigger="change delay:500ms".
//
// Sending the form checks it first. If something is wrong it is not sent, htmx does not see the submit, and the
// first wrong field has the focus. A button with `formnovalidate` sends the form as it is.
//
// EVENTS (from the element, bubbling)
//
//   caseloom:form-ready    detail = { form }, form-js' own object
//   caseloom:form-wrong    detail = { errors }, by field id

import { Form, getSchemaVariables } from "@bpmn-io/form-js";
import "@bpmn-io/form-js/dist/assets/form-js.css";
import "./form.css";

import { mountAll } from "./mounting.js";
import { json, sayFailure } from "./sources.js";

mountAll("[data-form]", mountForm);

async function mountForm(element) {
  try {
    const schema = await json(element.dataset.form);
    const values = element.dataset.values ? await json(element.dataset.values) : {};
    const surface = document.createElement("div");
    const form = new Form({ container: surface });
    await form.importSchema(schema, values);
    if (element.dataset.readonly !== undefined) form.setProperty("readOnly", true);
    element.replaceChildren(surface);
    keep(element, form, schema, values);
    element.dispatchEvent(new CustomEvent("caseloom:form-ready", { bubbles: true, detail: { form } }));
  } catch (error) {
    sayFailure(element, `The form cannot be shown: ${error.message}`);
  }
}

function keep(element, form, schema, values) {
  if (element.dataset.readonly !== undefined || !element.closest("form")) return;

  const field = hiddenField(element);
  const names = getSchemaVariables(schema, { inputs: false }).map((name) => name.split(".")[0]);
  const write = (data) => {
    const own = Object.fromEntries(Object.entries(data).filter(([name]) => names.includes(name)));
    const now = JSON.stringify(own);
    if (field.value === now) return;
    const first = field.value === "";
    field.value = now;
    if (!first) field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  write({ ...values, ...form._getState().data });
  form.on("changed", ({ data }) => write(data));
  element.closest("form").addEventListener("submit", (event) => checkFirst(event, element, form, field), true);
}

function hiddenField(element) {
  const name = element.dataset.field ?? "form_data";
  const form = element.closest("form");
  const there = form.elements.namedItem(name);
  if (there) return there;

  const made = document.createElement("input");
  made.type = "hidden";
  made.name = name;
  form.append(made);
  return made;
}

// In the capturing phase, so that it runs before htmx.
function checkFirst(event, element, form, field) {
  if (event.submitter?.formNoValidate) return;

  const { data, errors } = form.submit();
  if (Object.keys(errors).length === 0) {
    field.value = JSON.stringify(data);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  element.dispatchEvent(new CustomEvent("caseloom:form-wrong", { bubbles: true, detail: { errors } }));
  requestAnimationFrame(() => element.querySelector("[aria-invalid=true], .fjs-has-errors :is(input, select, textarea)")?.focus());
}
