// Asks before the switch of the language leaves a page with something typed in it that would be lost.
"use strict";

const TYPED = "textarea, input:not([type]), input[type=text], input[type=email], input[type=url]";

document.addEventListener("click", (event) => {
  const asks = event.target.closest("a.switch")?.dataset.asks;
  const typed = [...document.querySelectorAll(TYPED)].some((one) => one.value !== one.defaultValue);
  if (asks && typed && !confirm(asks)) {
    event.preventDefault();
  }
});
