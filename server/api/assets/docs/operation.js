// Shows one operation: what it does, what it takes, what it answers, and a line of curl.

import { copyButton, el, inline, prose } from "./dom.js";
import { example, fields, resolve, typeOf } from "./schema.js";

/** All operations of `api`, in the order of its tags. */
export function operations(api) {
  const found = [];
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      if (item[method]) found.push({ path, method, ...item[method], tag: item[method].tags?.[0] ?? "other" });
    }
  }
  const rank = new Map(api.tags.map((tag, index) => [tag.name, index]));
  return found.sort((a, b) => (rank.get(a.tag) ?? 99) - (rank.get(b.tag) ?? 99));
}

/** One operation as an article. */
export function article(api, operation) {
  const id = operation.operationId;
  return el("article", { id, "aria-labelledby": `${id}-title` },
    el("h3", { id: `${id}-title` }, el("a", { href: `#${id}`, class: "anchor" }, title(operation))),
    el("p", { class: "line" }, method(operation.method), " ", el("code", {}, operation.path), lock(operation)),
    operation.description ? prose(operation.description) : "",
    parameters(api, operation),
    body(api, operation),
    curl(api, operation),
    answers(api, operation));
}

/** What it does, as a title. */
export function title(operation) {
  return (operation.summary ?? operation.operationId).replace(/\.$/, "");
}

/** A method as a badge. */
export function method(name) {
  return el("span", { class: `method ${name}` }, name.toUpperCase());
}

function lock(operation) {
  const open = operation.security?.some((one) => Object.keys(one).length === 0);
  return open ? el("span", { class: "open" }, "needs no caller") : "";
}

function parameters(api, operation) {
  const list = (operation.parameters ?? []).map((parameter) => resolve(api, parameter));
  if (!list.length) return "";
  const row = (parameter) => el("tr", {},
    el("th", { scope: "row" }, el("code", {}, parameter.name), parameter.required ? el("span", { class: "required" }, "required") : ""),
    el("td", {}, parameter.in),
    el("td", {}, typeOf(api, parameter.schema)),
    el("td", {}, inline(parameter.description ?? "")));
  return el("section", {}, el("h4", {}, "Parameters"),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Parameters of ${operation.operationId}` }, el("table", {},
      el("thead", {}, el("tr", {}, ["Name", "In", "Type", "Meaning"].map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", {}, list.map(row)))));
}

function body(api, operation) {
  const request = resolve(api, operation.requestBody);
  if (!request.content) return "";
  const kinds = Object.entries(request.content).map(([type, content]) => [
    el("p", { class: "line" }, el("code", {}, type), " ", el("span", { class: "type" }, binary(type) ? "bytes" : typeOf(api, content.schema))),
    binary(type) ? "" : fields(api, content.schema),
  ]);
  return el("section", {}, el("h4", {}, request.required ? "Body" : "Body, optional"),
    request.description ? prose(request.description) : "", kinds);
}

const binary = (type) => type === "application/wasm";

function answers(api, operation) {
  const rows = Object.entries(operation.responses).map(([status, reference]) => {
    const answer = resolve(api, reference);
    const [type, content] = Object.entries(answer.content ?? {})[0] ?? [];
    const shape = content?.schema ? el("span", { class: "type" }, binary(type) ? "bytes" : typeOf(api, content.schema)) : "";
    const open = status < "300" && content?.schema && !binary(type);
    return el("li", {}, el("span", { class: `status s${status[0]}` }, status), " ", inline(answer.description), " ", shape,
      open ? el("details", {}, el("summary", {}, "Fields"), fields(api, content.schema)) : "");
  });
  return el("section", {}, el("h4", {}, "Answers"), el("ul", { class: "answers" }, rows));
}

/** A line for a shell that does the operation. */
function curl(api, operation) {
  const line = curlLine(api, operation);
  return el("section", { class: "curl" }, el("h4", {}, "With curl"),
    el("div", { class: "code" }, copyButton(() => line, "the curl line"), el("pre", { tabindex: "0" }, el("code", {}, line))));
}

function curlLine(api, operation) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => `$${name.toUpperCase()}`);
  const parts = [`curl --fail-with-body "${location.origin}${path}"`];
  const open = operation.security?.some((one) => Object.keys(one).length === 0);
  const cookieOnly = operation.security?.length && !open && operation.security.every((one) => !("bearer" in one));
  if (operation.method !== "get") parts[0] = parts[0].replace("curl", `curl -X ${operation.method.toUpperCase()}`);
  if (cookieOnly) parts.push(`-b cookies.txt${operation.method === "get" ? "" : ' -H "x-csrf-token: $CSRF_TOKEN"'}`);
  else if (!open) parts.push('-H "authorization: Bearer $DORMOUSE_TOKEN"');
  const content = resolve(api, operation.requestBody).content ?? {};
  if (content["application/wasm"]) parts.push("--data-binary @hello.wasm");
  else if (content["application/json"]) {
    const json = JSON.stringify(example(api, content["application/json"].schema)).replace(/'/g, "'\\''");
    parts.push("-H 'content-type: application/json'", `-d '${json}'`);
  }
  if (Object.values(operation.responses).some((answer) => answer.content?.["application/wasm"])) parts.push("-o component.wasm");
  return parts.join(" \\\n  ");
}
