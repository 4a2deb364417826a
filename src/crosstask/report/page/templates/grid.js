// The matrix: what it shows, in which order, and how one walks through it.

const grid = document.getElementById("grid");
const state = { view: "", rows: [], columns: [] }; // rows and columns: their places in the order shown
let lastRead = null; // the cell that the line above the matrix is about
let lines = []; // table rows by place, the head first; each with its cells by place, the head first

function prepare(matrix) {
  lines = [...grid.rows].map((line) => ({ line, cells: [...line.cells] }));
  grid.setAttribute("role", "grid");
  lines.forEach(({ cells }, row) => cells.forEach((cell, column) => {
    cell.place = [row - 1, column - 1];
    if (row && column) cell.setAttribute("role", "gridcell");
  }));
  state.rows = matrix.rows.orders.given;
  state.columns = matrix.columns.orders.given;
  state.view = document.querySelector("[name=view]").value;
  grid.dataset.view = state.view; // what its cells show
  grid.addEventListener("keydown", (event) => walk(event, matrix));
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest("td, th");
    if (!cell || !isCell(cell)) return;
    focusOn(cell);
    openAt(matrix, cell);
  });
  for (const kind of ["focusin", "pointerover"]) {
    grid.addEventListener(kind, (event) => {
      const cell = event.target.closest("td, th");
      if (!cell || !isCell(cell)) return;
      readOut(matrix, cell);
      if (cell.place[1] >= 0) readBefore(`cells-${cell.place[1]}`);
    });
  }
  lines[1].cells[1].tabIndex = 0;
  grid.closest(".scroll").removeAttribute("tabindex"); // its cells are reached by keyboard
}

const isCell = (cell) => cell.place[0] >= 0 || cell.place[1] >= 0;
const cellAt = (row, column) => lines[row + 1].cells[column + 1];

function focusOn(cell) {
  grid.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
  cell.tabIndex = 0;
  cell.focus();
}

// Brings the cell that is walked to into sight as a whole.
function walkTo(cell) {
  const box = grid.closest(".scroll");
  if (!box.style.scrollPadding) { // names stay in sight, and cover what is scrolled below them
    const corner = lines[0].cells[0];
    box.style.scrollPadding = `${corner.offsetHeight}px 0 0 ${corner.offsetWidth}px`;
  }
  focusOn(cell);
  cell.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
}

function readOut(matrix, cell) {
  lastRead = cell;
  const [row, column] = cell.place;
  const names = [matrix.rows.short[row], matrix.columns.short[column]];
  const text = row < 0 ? `target ${names[1]}: Enter shows which sources help it`
    : column < 0 ? `source ${names[0]}: Enter shows its profile`
      : cell.title;
  document.getElementById("readout").textContent = text;
}

function openAt(matrix, cell) {
  const [row, column] = cell.place;
  return open(matrix, row < 0 ? undefined : row, column < 0 ? undefined : column);
}

// The neighbor of a cell in the order shown; places in that order start at -1, which is the head.
function neighbor([row, column], down, across) {
  const at = state.rows.indexOf(row) + down, along = state.columns.indexOf(column) + across;
  const inside = (place, names) => Math.max(-1, Math.min(names.length - 1, place));
  const place = [state.rows[inside(at, state.rows)] ?? -1, state.columns[inside(along, state.columns)] ?? -1];
  return cellAt(...(place[0] < 0 && place[1] < 0 ? [row, column] : place));
}

function walk(event, matrix) {
  const cell = event.target.closest("td, th");
  if (!cell || event.altKey || event.metaKey) return;
  const far = Math.max(state.rows.length, state.columns.length);
  const steps = {
    ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-5, 0], PageDown: [5, 0],
    Home: event.ctrlKey ? [-far, -far] : [0, -far], End: event.ctrlKey ? [far, far] : [0, far],
  };
  if (event.key === "Enter" || event.key === " ") openAt(matrix, cell);
  else if (event.key === "Home" && event.ctrlKey) walkTo(cellAt(state.rows[0], state.columns[0]));
  else if (steps[event.key]) walkTo(neighbor(cell.place, ...steps[event.key]));
  else return;
  event.preventDefault();
}

async function show(matrix, name) {
  if (name === state.view) return; // as the page came
  state.view = name;
  const view = (await part("views"))[name];
  if (state.view !== name) return; // another was chosen meanwhile
  view.cells.forEach((cells, row) => cells.forEach(([text, tone, told, line], column) => {
    const cell = cellAt(row, column);
    cell.textContent = text;
    cell.className = `${tone}${told ? " told" : ""}${cell.classList.contains("home") ? " home" : ""}`;
    cell.title = `${matrix.rows.short[row]} on ${matrix.columns.short[column]}: ${line}`;
  }));
  grid.dataset.view = name;
  if (lastRead) readOut(matrix, lastRead);
  for (const line of document.getElementById("matrix-meaning").children) line.classList.toggle("away", line.dataset.view !== name);
  document.getElementById("low-end").textContent = view.ends[0];
  document.getElementById("high-end").textContent = view.ends[1];
  for (const scale of document.querySelectorAll(".legend-scale")) scale.hidden = scale.dataset.scale !== view.scale;
}

function order(rows, columns) {
  if (rows === state.rows && columns === state.columns) return;
  state.rows = rows;
  state.columns = columns;
  for (const { line, cells } of lines) line.append(cells[0], ...columns.map((column) => cells[column + 1]));
  grid.tBodies[0].append(...rows.map((row) => lines[row + 1].line));
}
