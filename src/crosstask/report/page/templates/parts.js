"use strict";

// The data of the page: JSON and files, each compressed as a part of its own and read when it is asked for.

const read = new Map();

const whole = new Promise((done) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", done, { once: true });
  else done();
});

async function bytesOf(name) {
  const find = () => document.querySelector(`script[data-name="${CSS.escape(name)}"]`);
  if (!find()) await whole; // most parts stand at the end, behind what can be read already
  const packed = Uint8Array.from(atob(find().textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

function part(name) {
  if (!read.has(name)) {
    read.set(name, bytesOf(name).then((bytes) => JSON.parse(new TextDecoder().decode(bytes))));
  }
  return read.get(name);
}

// Reads a part before it is asked for; one that cannot be read is told of when it is.
const readBefore = (name) => part(name).catch(() => undefined);

// A small table is saved from its copy in the page, which is there wherever the page is.
async function save(event) {
  const link = event.target.closest("a[data-part]");
  if (!link) return;
  event.preventDefault();
  const address = URL.createObjectURL(new Blob([await bytesOf(link.dataset.part)]));
  const copy = element("a", { href: address, download: link.getAttribute("download") });
  copy.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// An element with properties; every text becomes text, whatever it says.
function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
