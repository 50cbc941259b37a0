// Lets a card of the board be dragged to another column: it is then put before its gate, where it is decided.
"use strict";

const board = document.querySelector(".board");
let dragged = "";

board?.addEventListener("dragstart", (event) => {
  const card = event.target.closest("[data-case]");
  dragged = card ? card.dataset.case : "";
  if (card) {
    event.dataTransfer.setData("text/plain", dragged);
  }
});

board?.addEventListener("dragover", (event) => {
  const stage = event.target.closest("[data-stage]");
  board.querySelectorAll(".over").forEach((one) => one.classList.toggle("over", one === stage));
  if (stage && dragged) {
    stage.classList.add("over");
    event.preventDefault();
  }
});

board?.addEventListener("dragend", () => {
  dragged = "";
  board.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
});

board?.addEventListener("drop", (event) => {
  const stage = event.target.closest("[data-stage]");
  const card = board.querySelector(`[data-case="${dragged}"]`);
  if (stage && card && !stage.contains(card)) {
    event.preventDefault();
    location.assign(`/cases/${dragged}?to=${stage.dataset.stage}#gate`);
  }
});
