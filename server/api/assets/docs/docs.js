// The documentation's page: reads /api/openapi.json and shows it. No library, no inline code, nothing from elsewhere.

import { el, prose } from "./dom.js";
import { article, method, operations, title } from "./operation.js";

const content = document.getElementById("content");
const contents = document.getElementById("contents");
const search = document.getElementById("search");

theme();
load();

async function load() {
  const status = document.getElementById("status");
  try {
    const answer = await fetch("/api/openapi.json");
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    show(await answer.json());
  } catch (error) {
    status.replaceChildren(`The document could not be loaded: ${error.message}. `,
      el("button", { type: "button", onclick: load }, "Try again"));
  }
}

function show(api) {
  const all = operations(api);
  document.getElementById("version").textContent = api.info.version;
  content.replaceChildren(el("section", { class: "intro" }, el("h2", {}, "Overview"), prose(api.info.description ?? "")));
  contents.replaceChildren();
  for (const tag of api.tags) {
    const own = all.filter((operation) => operation.tag === tag.name);
    if (!own.length) continue;
    const heading = `tag-${tag.name}`;
    content.append(el("section", { class: "tag", "aria-labelledby": heading },
      el("h2", { id: heading }, tag.name), prose(tag.description ?? ""), own.map((operation) => article(api, operation))));
    contents.append(el("section", {}, el("h2", {}, el("a", { href: `#${heading}` }, tag.name)),
      el("ul", {}, own.map((operation) => el("li", { "data-for": operation.operationId },
        el("a", { href: `#${operation.operationId}` }, method(operation.method), " ", title(operation)))))));
  }
  const nothing = el("p", { id: "nothing", role: "status", hidden: true }, "No operation matches.");
  content.append(nothing);
  filterBy(all, nothing);
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

/** Shows only the operations that hold every word of the search. */
function filterBy(all, nothing) {
  const texts = new Map(all.map((operation) => [operation.operationId,
    `${operation.path} ${operation.method} ${document.getElementById(operation.operationId).textContent}`.toLowerCase()]));
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [id, text] of texts) {
      const hidden = !words.every((word) => text.includes(word));
      document.getElementById(id).hidden = hidden;
      contents.querySelector(`[data-for="${id}"]`).hidden = hidden;
      shown += hidden ? 0 : 1;
    }
    for (const section of document.querySelectorAll("section.tag, nav section")) {
      section.hidden = !section.querySelector("article:not([hidden]), li:not([hidden])");
    }
    content.querySelector(".intro").hidden = words.length > 0;
    nothing.hidden = shown > 0;
  };
  search.addEventListener("input", apply);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      apply();
    }
  });
  apply();
}

/** Dark or light: as the system says, until the reader chooses. */
function theme() {
  const button = document.getElementById("theme");
  const dark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const chosen = localStorage.getItem("dormouse-theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
  const label = () => button.setAttribute("aria-pressed", String(dark()));
  button.addEventListener("click", () => {
    const next = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("dormouse-theme", next);
    label();
  });
  label();
}
