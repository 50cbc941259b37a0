// Makes the page nicer, never necessary: shows that a search runs and swaps the answer in place.
"use strict";

const wide = window.matchMedia("(min-width: 64rem)");
const answered = document.querySelector("#main");
const answers = location.pathname; // what is sent elsewhere leads to another page, or gives a file

// Where there is room beside the list, its facets stand open.
function unfold() {
  if (wide.matches) {
    document.querySelectorAll("details[data-facet]").forEach((facet) => {
      facet.open = true;
    });
  }
}

// Says on the form's button that a search runs; returns what lets it rest again.
function busy(form) {
  const button = form.querySelector("button[type=submit]");
  const label = button.textContent;
  button.disabled = true;
  if (form.dataset.searching) {
    button.textContent = form.file?.value ? form.dataset.reading : form.dataset.searching;
  }
  return () => {
    button.disabled = false;
    button.textContent = label;
  };
}

// The text of a file is looked at first, from its beginning.
function check() {
  const box = answered.querySelector("#need");
  box.focus();
  box.setSelectionRange(0, 0);
  box.scrollTop = 0;
}

// Remembers what stands open and who is picked; returns what brings it back in the next answer.
function remember(submitter) {
  const held = "details[id], li[id] details.row-open";
  const name = (one) => one.id || one.closest("li").id;
  const open = new Set([...answered.querySelectorAll(held)].filter((one) => one.open).map(name));
  const picked = [...answered.querySelectorAll("[name=pick]:checked")].map((box) => box.value);
  const row = submitter?.closest("li[id]")?.id;
  const toggle = submitter?.closest("[data-toggle]")?.dataset.toggle;
  const top = window.scrollY;
  return () => {
    answered.querySelectorAll(held).forEach((one) => {
      one.open = one.open || open.has(name(one));
    });
    answered.querySelectorAll("[name=pick]").forEach((box) => {
      box.checked = picked.includes(box.value);
    });
    const place = row && document.getElementById(row);
    const control = place?.querySelector(`[data-toggle="${toggle}"] :is(button, summary)`);
    (control || place?.querySelector("summary"))?.focus({ preventScroll: true });
    window.scrollTo({ top, behavior: "instant" });
  };
}

// Shows the answer: where something was done in a row, that row stays where it is.
function show(page, submitter, done) {
  const restore = remember(submitter);
  // the field is focused below: a browser complains of the wish where another has the focus
  page.querySelector("#main [autofocus]")?.removeAttribute("autofocus");
  answered.replaceChildren(...page.querySelector("#main").childNodes);
  document.querySelector("#switch").replaceWith(page.querySelector("#switch"));
  unfold();
  if (done) {
    restore();
    return;
  }
  if (answered.querySelector("#read")) {
    check();
    return;
  }
  const answer = answered.querySelector("#answer");
  answer.focus({ preventScroll: true });
  if (answered.querySelector("#found")) {
    window.scrollTo({ top: 0, behavior: "instant" });
  } else {
    answer.scrollIntoView({ block: "start" });
  }
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const action = new URL(submitter?.formAction || form.action, location.href);
  if (submitter?.id === "switch" || !answered.contains(form) || action.pathname !== answers || form.dataset.plain) {
    return;
  }
  event.preventDefault();
  const body = new FormData(form, submitter);
  const rest = busy(form);
  try {
    const response = await fetch(action.pathname + action.search, { method: "POST", body });
    const type = response.headers.get("content-type") || "";
    if (!type.startsWith("text/html")) {
      throw new Error("not a page");
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    rest();
    const stays = body.has("do") || body.get("refine") === "try"; // the list is as it was
    show(page, submitter, response.ok && stays);
  } catch (error) {
    rest();
    form.dataset.plain = "yes";
    form.requestSubmit(submitter);
  }
});

// Ctrl or Command with Enter sends the need from the text box.
document.addEventListener("keydown", (event) => {
  if (event.target.id === "need" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.form.requestSubmit();
  }
});

// The order of the list changes as it is chosen.
document.addEventListener("change", (event) => {
  if (event.target.id === "sort" || event.target.id === "spread") {
    event.target.form.requestSubmit();
  }
});

// What the browser kept of a page that was left may still say that a search runs.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    answered.querySelectorAll("button[disabled]").forEach((button) => {
      button.disabled = false;
    });
  }
});
unfold();
