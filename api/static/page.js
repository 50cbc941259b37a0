// Makes the page nicer, never necessary: shows that a search runs and swaps the answer in place.
"use strict";

const form = document.querySelector("#ask");
const button = form.querySelector("button[type=submit]");
const label = button.textContent;
const wide = window.matchMedia("(min-width: 64rem)");

function rest() {
  button.disabled = false;
  button.textContent = label;
}

// Where there is room beside the list, its facets stand open.
function unfold() {
  if (wide.matches) {
    document.querySelectorAll("details[data-facet]").forEach((facet) => {
      facet.open = true;
    });
  }
}

// What the answer says of the form, it says in the form too: a file's text, a facet's filter.
function adopt(page) {
  for (const field of form.elements) {
    const other = field.id && page.getElementById(field.id);
    if (other && form.contains(field) && field.type !== "file" && "value" in other) {
      field.value = other.value;
      if (field.type === "textarea") {
        field.rows = other.rows;
        field.setAttribute("aria-describedby", other.getAttribute("aria-describedby"));
      }
    }
  }
  const filters = form.querySelector("details");
  filters.open = filters.open || page.querySelector("#ask details").open;
  if (form.file) {
    form.file.value = "";
  }
  document.querySelector("#switch").replaceWith(page.querySelector("#switch"));
}

// The text of a file is looked at first, from its beginning.
function check() {
  const box = form.querySelector("#need");
  box.focus();
  box.setSelectionRange(0, 0);
  box.scrollTop = 0;
}

form.addEventListener("submit", async (event) => {
  const submitter = event.submitter;
  if (submitter && submitter.hasAttribute("formaction")) {
    return; // leads to another page, or gives a file
  }
  event.preventDefault();
  const body = new FormData(form, submitter);
  button.disabled = true;
  const reads = form.file && form.file.value;
  button.textContent = reads ? form.dataset.reading : form.dataset.searching;
  try {
    const response = await fetch(form.action, { method: "POST", body });
    const type = response.headers.get("content-type") || "";
    if (!type.startsWith("text/html")) {
      throw new Error("not a page");
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.querySelector("#answer");
    document.querySelector("#answer").replaceWith(answer);
    if (response.ok) {
      adopt(page);
    }
    unfold();
    rest();
    if (answer.querySelector("#read")) {
      check();
      return;
    }
    answer.focus({ preventScroll: true });
    answer.scrollIntoView({ block: "start" });
  } catch (error) {
    form.submit();
  }
});

// Ctrl or Command with Enter sends the need from the text box.
const need = form.querySelector("textarea");
if (need) {
  need.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit();
    }
  });
}

// The order of the list changes as it is chosen.
document.addEventListener("change", (event) => {
  if (event.target.id === "sort") {
    form.requestSubmit();
  }
});
window.addEventListener("pageshow", rest);
unfold();
