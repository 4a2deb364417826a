// One function for each kind of block that a panel is made of.

const SHAPES = "http://www.w3.org/2000/svg";

function shape(name, attributes) {
  const made = document.createElementNS(SHAPES, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// What a reader can scroll: reached by keyboard, and named.
function scrolling(title, content) {
  return element("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": title }, content);
}

function plainTable(title, head, rows, texts, rowHead = true) {
  const number = (place) => (place < texts ? "" : "number");
  const heads = head.map((text, place) => element("th", { scope: "col", className: number(place), textContent: text }));
  const lines = rows.map((row) => {
    const cells = row.map((text, place) => {
      const first = place === 0 && rowHead;
      const cell = element(first ? "th" : "td", { className: number(place), textContent: text });
      if (first) cell.scope = "row";
      return cell;
    });
    return element("tr", {}, ...cells);
  });
  const table = element("table", { className: "plain" });
  table.append(element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...lines));
  return scrolling(title, table);
}

const DRAWN = {
  alarm: (block) => DRAWN.said(block),

  said: (block) => [element("p", { textContent: block.text })],

  facts: (block) => {
    const pairs = block.pairs.map(([name, value]) =>
      element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value })));
    return [element("dl", { className: "facts" }, ...pairs)];
  },

  table: (block) => (block.rows.length ? [plainTable(block.title, block.head, block.rows, block.texts)] : []),

  bars: (block) => {
    const key = element("p", { className: "bar-key" });
    block.series.forEach((name, at) => key.append(element("i", { className: `series${at}` }), ` ${name}  `));
    const groups = block.groups.map(([name, values]) => {
      const lines = values.flatMap(([text, length], at) => {
        if (!text) return [];
        const bar = element("i", { className: `bar series${at}` });
        bar.style.width = `${100 * Math.min(1, length)}%`;
        const label = element("span", { className: "hidden", textContent: `${block.series[at]}: ` });
        return [element("div", { className: "line" }, element("span", { className: "track" }, bar), label, text)];
      });
      return element("div", {}, element("dt", { textContent: name }), element("dd", {}, ...lines));
    });
    return [key, element("dl", { className: "bars" }, ...groups)];
  },

  confusion: (block) => {
    const tables = block.matrices.map(([name, rows]) => {
      const table = plainTable(`${block.title}, ${name}`, ["", ...block.answers],
        rows.map((row, at) => [block.labels[at], ...row.map(([count]) => count)]), 1);
      rows.forEach((row, down) => row.forEach(([, shade], across) => {
        table.querySelectorAll("tbody tr")[down].children[across + 1].classList.add(`s${shade}`);
      }));
      return element("div", {}, element("h4", { textContent: name }), table);
    });
    return [element("div", { className: "beside" }, ...tables)];
  },

  intervals: (block) => {
    const ends = block.rows.flatMap((row) => [row.value, row.low, row.high]).filter((end) => end !== null);
    const low = Math.min(0, ...ends), high = Math.max(0, ...ends);
    const at = (value) => 4 + (192 * (value - low)) / (high - low || 1);
    const lines = block.rows.map((row) => {
      const drawing = shape("svg", { viewBox: "0 0 200 16", class: "interval", "aria-hidden": "true" });
      drawing.append(shape("line", { x1: at(0), x2: at(0), y1: 0, y2: 16, class: "zero" }));
      if (row.low !== null && row.high !== null) {
        drawing.append(shape("line", { x1: at(row.low), x2: at(row.high), y1: 8, y2: 8, class: "range" }));
      }
      drawing.append(shape("circle", { cx: at(row.value), cy: 8, r: 3.5, class: row.told ? "told" : "untold" }));
      const name = row.link ? element("a", { href: address(...row.link), textContent: row.name }) : row.name;
      return element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, drawing),
        ...[row.text, row.tested ?? ""].map((text) => element("td", { className: "number", textContent: text })));
    });
    const head = element("tr", { className: "hidden" }, ...["name", "drawing", "value and interval", "test"].map(
      (text) => element("th", { scope: "col", textContent: text })));
    const table = element("table", { className: "intervals" }, element("thead", {}, head), element("tbody", {}, ...lines));
    return [scrolling(block.title, table)];
  },

  examples: (block, prompts) => {
    const text = (name, said, better) => element("div", { className: better ? "better" : "" },
      element("h5", { textContent: name }), element("pre", { dir: "auto", textContent: said }));
    return block.examples.map((shown) => {
      const [prompt, gold, base] = prompts[shown.example];
      const outcome = shown.outcome === "won" ? "won ↑" : "lost ↓";
      return element("article", { className: `example ${shown.outcome}` },
        element("h4", { textContent: `${outcome} ${shown.example}` }),
        element("div", { className: "prompt" }, text("prompt", prompt), text("right answer", gold)),
        element("div", { className: "beside" }, text(block.names[0], base, shown.outcome === "lost"),
          text(block.names[1], shown.answer, shown.outcome === "won")));
    });
  },
};

function drawn(blocks, prompts = {}) {
  return blocks.map((block) => {
    const wide = block.head?.length > 4 || (block.kind === "intervals" && block.rows.length > 8) ? " wide" : "";
    const made = element("section", { className: `block ${block.kind}${wide}` });
    if (block.title) made.append(element("h3", { textContent: block.title }));
    if (block.note) made.append(element("p", { className: "note", textContent: block.note }));
    made.append(...DRAWN[block.kind](block, prompts));
    return made;
  });
}
