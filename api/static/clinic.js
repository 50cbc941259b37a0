// Moves the list of the clinic as an answer is picked; without a script its button does.
"use strict";

document.addEventListener("change", async (event) => {
  const form = event.target.closest("form[data-live]");
  if (!form || event.target.type !== "radio") {
    return;
  }
  const shown = document.querySelector("#answer");
  shown.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const next = page.querySelector("#answer");
    if (!response.ok || !next) {
      throw new Error("not the page");
    }
    shown.replaceWith(next);
    next.querySelector("#found").focus({ preventScroll: true });
  } catch (error) {
    form.requestSubmit();
  }
});
