// Builds elements. Text is always text: nothing of the document is ever parsed as HTML.

/** Makes an element `name` with `attributes` and `children` (elements, text, or nothing). */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Text with `code`, **strong** and [links](to), in paragraphs: as much Markdown as the document uses. */
export function prose(text, className = "prose") {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => el("p", {}, inline(paragraph.replace(/\n/g, " "))));
  return el("div", { class: className }, paragraphs);
}

/** One line of such text. */
export function inline(text) {
  const parts = text.split(/(`[^`]+`|\*\*.+?\*\*|\[[^\]]+\]\([^)]+\)|\[`[^`]+`\])/);
  return parts.filter(Boolean).map((part) => {
    const link = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part);
    if (link && /^(https?:|\/|#)/.test(link[2])) return el("a", { href: link[2] }, inline(link[1]));
    if (/^\[`.+`\]$/.test(part)) return el("code", {}, part.slice(2, -2).replace(/^Self::/, ""));
    if (/^`.+`$/.test(part)) return el("code", {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return el("strong", {}, inline(part.slice(2, -2)));
    return part;
  });
}

/** A button that copies what `text()` gives. */
export function copyButton(text, label) {
  const button = el("button", { type: "button", class: "copy", "aria-label": `Copy ${label}` }, "Copy");
  button.addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(text()).then(() => "Copied", () => "Failed");
    button.textContent = done;
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}
