// The panel of a cell, a row or a column, and the link that opens it.

const panel = document.getElementById("panel");
let opened = null; // places of row and column; null for a panel of a row or a column alone
let opener = null;
let link = ""; // of what is open

function address(source, target) {
  const parts = [["source", source], ["target", target]].filter(([, name]) => name !== undefined);
  return `#${parts.map(([key, name]) => `${key}=${encodeURIComponent(name)}`).join("&")}`;
}

async function blocksOf(row, column) {
  if (row === undefined) return drawn((await part("targets"))[column]);
  if (column === undefined) return drawn((await part("sources"))[row]);
  const found = await part(`cells-${column}`);
  return drawn(found.panels[row], found.prompts);
}

function unreadable(error) {
  const why = "the file was cut off or changed, or this browser cannot read what is compressed";
  return [element("p", { textContent: `This part of the page cannot be read (${error.message}): ${why}.` })];
}

async function open(matrix, row, column) {
  const source = row === undefined ? undefined : matrix.rows.names[row];
  const target = column === undefined ? undefined : matrix.columns.names[column];
  const title = source === undefined ? `Target ${target}` : target === undefined ? `Source ${source}` : `${source} on ${target}`;
  const blocks = await blocksOf(row, column).catch(unreadable);
  opened = row === undefined || column === undefined ? null : { row, column };
  document.getElementById("panel-title").textContent = title;
  document.getElementById("panel-body").replaceChildren(...blocks);
  panel.querySelector(".steps").hidden = opened === null;
  if (!panel.open) {
    opener = document.activeElement;
    panel.showModal();
  }
  panel.scrollTop = 0;
  document.getElementById("panel-title").focus();
  link = address(source, target);
  remember(link);
}

function remember(hash) {
  try {
    history.replaceState(null, "", hash || `${location.pathname}${location.search}`);
  } catch {
    // a page without an address of its own, as in a frame, has no link to keep
  }
}

function closed() {
  if (location.hash === link) remember(""); // or it leads elsewhere by now
  const back = opened ? cellAt(opened.row, opened.column) : opener;
  const walkedOn = grid.contains(document.activeElement) && document.activeElement !== opener;
  if (!walkedOn && grid.contains(back)) focusOn(back);
  opened = null;
}

// Names of a link, as they stand in the matrix: percent-encoded or not, in either form of Unicode.
function named(hash) {
  const found = {};
  for (const pair of hash.replace(/^#/, "").split("&")) {
    const [key, ...rest] = pair.split("=");
    if (key !== "source" && key !== "target") continue;
    try {
      found[key] = decodeURIComponent(rest.join("="));
    } catch {
      found[key] = rest.join("=");
    }
  }
  return found;
}

function placeOf(names, name) {
  const exact = names.indexOf(name);
  return exact >= 0 ? exact : names.findIndex((one) => one.normalize("NFC") === name.normalize("NFC"));
}

// What somebody else may have written, without what controls the display, and not for pages.
function plain(text) {
  const shown = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`);
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}

// Sections are laid out when they come into view; until then their heights are guesses, which a jump would miss by.
function reach(hash) {
  document.documentElement.classList.add("whole");
  document.getElementById(hash.slice(1))?.scrollIntoView({ behavior: "instant" });
}

function follow(matrix, hash) {
  const { source, target } = named(hash);
  const note = document.getElementById("link-note");
  note.hidden = true;
  if (hash.startsWith("#section-") || hash === "#comparison" || hash === "#notes") reach(hash);
  if (source === undefined && target === undefined) return;
  const row = source === undefined ? undefined : placeOf(matrix.rows.names, source);
  const column = target === undefined ? undefined : placeOf(matrix.columns.names, target);
  const unknown = [row === -1 ? `no source ${source}` : "", column === -1 ? `no target ${target}` : ""].filter(Boolean);
  if (unknown.length) {
    note.textContent = `The link names what is not in this matrix: ${unknown.map(plain).join(", ")}.`;
    note.hidden = false;
    panel.close();
    document.getElementById("matrix").scrollIntoView();
    return;
  }
  open(matrix, row, column);
}
