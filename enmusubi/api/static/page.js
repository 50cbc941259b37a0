// Makes the page nicer, never necessary: shows that a search runs and swaps the answer in place.
"use strict";

const form = document.querySelector("form");
const button = form.querySelector("button");
const label = button.textContent;

function rest() {
  button.disabled = false;
  button.textContent = label;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  button.textContent = form.dataset.searching;
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const type = response.headers.get("content-type") || "";
    if (!type.startsWith("text/html")) {
      throw new Error("not a page");
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.querySelector("#answer");
    document.querySelector("#answer").replaceWith(answer);
    if (response.ok) {
      // The text that was read from a file stands in the box now, to be mended there.
      form.need.value = page.querySelector("#need").value;
      form.file.value = "";
    }
    answer.focus({ preventScroll: true });
    answer.scrollIntoView({ block: "start" });
    rest();
  } catch (error) {
    form.submit();
  }
});

// Ctrl or Command with Enter sends the need from the text box.
form.querySelector("textarea").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    form.requestSubmit();
  }
});
window.addEventListener("pageshow", rest);
