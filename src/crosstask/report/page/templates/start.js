// What happens when, once the page is there.

// In a frame without an address of its own a link would lead to the page around it.
function stayHere(event) {
  const link = event.target.closest("a[href^='#']");
  if (!link || location.protocol !== "about:") return;
  event.preventDefault();
  const hash = link.getAttribute("href");
  document.getElementById(hash.slice(1))?.scrollIntoView();
  document.dispatchEvent(new CustomEvent("stay", { detail: hash }));
}

// Unpack what panels show while there is nothing else to do, so that the first click of a column need not.
async function readAhead(matrix) {
  const idle = window.requestIdleCallback ?? ((done) => setTimeout(done, 50));
  for (const name of ["sources", "targets", ...matrix.columns.names.map((_, column) => `cells-${column}`)]) {
    await new Promise((done) => idle(done));
    await readBefore(name);
  }
}

function start() {
  document.documentElement.classList.add("script");
  document.addEventListener("click", save);
  document.addEventListener("click", stayHere);
  document.querySelector("nav").addEventListener("click", () => document.documentElement.classList.add("whole"));
  if (!grid) return;
  const matrix = JSON.parse(document.getElementById("axes").textContent);
  prepare(matrix);
  const form = document.querySelector(".controls");
  const choose = () => order(matrix.rows.orders[form.elements["row-order"].value], matrix.columns.orders[form.elements["column-order"].value]);
  form.addEventListener("change", (event) => {
    if (event.target.name === "view") show(matrix, event.target.value);
    else if (event.target.id === "told-only") grid.classList.toggle("told-only", event.target.checked);
    else choose();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  show(matrix, form.elements.view.value || form.querySelector("[name=view]").value);
  choose(); // a browser may remember what was chosen before
  grid.classList.toggle("told-only", form.elements["told-only"].checked);
  for (const link of document.querySelectorAll(".to-cell")) link.href = address(link.dataset.source, link.dataset.target);
  panel.addEventListener("close", closed);
  document.getElementById("close").addEventListener("click", () => panel.close());
  panel.querySelector(".steps").addEventListener("click", (event) => {
    const steps = { left: [0, -1], right: [0, 1], up: [-1, 0], down: [1, 0] };
    const step = steps[event.target.dataset.step];
    const [row, column] = step ? neighbor([opened.row, opened.column], ...step).place : [-1, -1];
    if (row >= 0 && column >= 0) open(matrix, row, column);
  });
  window.addEventListener("hashchange", (event) => follow(matrix, new URL(event.newURL).hash));
  document.addEventListener("stay", (event) => follow(matrix, event.detail));
  window.addEventListener("beforeprint", () => {
    for (const closedOne of document.querySelectorAll("details:not([open])")) {
      closedOne.open = true;
      closedOne.dataset.printed = "";
    }
    for (const image of document.querySelectorAll("img[loading=lazy]")) image.loading = "eager";
  });
  window.addEventListener("afterprint", () => {
    for (const printed of document.querySelectorAll("details[data-printed]")) {
      printed.open = false;
      delete printed.dataset.printed;
    }
  });
  follow(matrix, location.hash);
  performance.mark("ready");
  document.documentElement.dataset.ready = "";
  readAhead(matrix);
}

start();
