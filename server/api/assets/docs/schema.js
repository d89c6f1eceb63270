// Shows schemas: the type of a value in words, its fields, and an example.

import { el, inline } from "./dom.js";

/** Follows references within `api`. */
export function resolve(api, schema) {
  const path = schema?.$ref;
  if (!path) return schema ?? {};
  return path.split("/").slice(1).reduce((node, key) => node?.[key], api) ?? {};
}

const nameOf = (schema) => schema?.$ref?.split("/").pop();
const isNull = (schema) => schema.type === "null";
const choices = (schema) => schema.oneOf ?? schema.anyOf;

/** The type of `schema` in a few words, such as `array of Version`. */
export function typeOf(api, schema) {
  if (!schema) return "any";
  if (nameOf(schema)) return nameOf(schema);
  if (choices(schema)) {
    const known = choices(schema).filter((one) => !isNull(one)).map((one) => typeOf(api, one));
    return [...new Set(known)].join(" or ");
  }
  if (schema.allOf) return schema.allOf.map((one) => typeOf(api, one)).join(" and ");
  const types = [schema.type ?? "any"].flat().filter((type) => type !== "null");
  return types.map((type) => named(api, schema, type)).join(" or ");
}

function named(api, schema, type) {
  if (type === "array") {
    const items = schema.prefixItems ? schema.prefixItems.map((one) => typeOf(api, one)).join(", ") : typeOf(api, schema.items);
    return schema.prefixItems ? `[${items}]` : `array of ${items}`;
  }
  if (type === "object" && schema.additionalProperties) return `map of ${typeOf(api, schema.additionalProperties)}`;
  return type;
}

/** What else is known of a value: bounds, choices, default. */
function notes(schema) {
  const list = [];
  if (schema.enum) list.push(`one of ${schema.enum.map((value) => `\`${value}\``).join(", ")}`);
  if (schema.const !== undefined) list.push(`always \`${schema.const}\``);
  if (schema.minimum !== undefined && schema.minimum !== 0) list.push(`at least ${schema.minimum}`);
  if (schema.maximum !== undefined) list.push(`at most ${schema.maximum}`);
  if (schema.default !== undefined && typeof schema.default !== "object") list.push(`default \`${schema.default}\``);
  return list;
}

/** The fields of an object, those inside it folded away. */
export function fields(api, schema, seen = []) {
  const whole = resolve(api, schema);
  const name = nameOf(schema);
  const next = name ? [...seen, name] : seen;
  const variants = choices(whole)?.filter((one) => !isNull(one));
  if (variants) return variants.length === 1 ? fields(api, variants[0], next) : oneOf(api, variants, next);
  if (whole.allOf) return el("div", {}, whole.allOf.map((one) => fields(api, one, next)));
  if (whole.type === "array" || [whole.type].flat().includes("array")) return fields(api, whole.items, next);
  if (!whole.properties) return note(whole);
  const required = new Set(whole.required ?? []);
  const rows = Object.entries(whole.properties).map(([key, value]) => field(api, key, value, required.has(key), next));
  return el("dl", { class: "fields" }, rows);
}

function oneOf(api, variants, seen) {
  const shown = variants.map((variant) => el("li", {}, el("span", { class: "type" }, typeOf(api, variant)), " ",
    inline(resolve(api, variant).description ?? ""), fields(api, variant, seen)));
  return el("ul", { class: "variants", "aria-label": "One of" }, shown);
}

function note(schema) {
  const list = notes(schema);
  return list.length ? el("p", { class: "note" }, inline(list.join("; "))) : "";
}

function field(api, key, schema, required, seen) {
  const whole = resolve(api, schema);
  const text = schema.description ?? whole.description ?? "";
  const remarks = [...notes(schema), ...(schema === whole ? [] : notes(whole))];
  const inner = nested(api, schema, seen);
  return [
    el("dt", {}, el("code", {}, key), el("span", { class: "type" }, typeOf(api, schema)),
      required ? el("span", { class: "required" }, "required") : ""),
    el("dd", {}, text ? el("p", {}, inline(text)) : "", remarks.length ? el("p", { class: "note" }, inline(remarks.join("; "))) : "", inner),
  ];
}

/** The fields of what a field holds, unless it holds itself. */
function nested(api, schema, seen) {
  const target = nameOf(schema) ? schema : (schema.items ?? choices(schema)?.find((one) => !isNull(one)) ?? schema);
  const whole = resolve(api, target);
  if (seen.includes(nameOf(target)) || !(whole.properties || choices(whole))) return "";
  return el("details", {}, el("summary", {}, "Fields of ", typeOf(api, target)), fields(api, target, seen));
}

/** An example of `schema`, made from its types. */
export function example(api, schema, seen = []) {
  const whole = resolve(api, schema);
  const name = nameOf(schema);
  if (name && seen.includes(name)) return null;
  const next = name ? [...seen, name] : seen;
  if (whole.example !== undefined) return whole.example;
  if (whole.const !== undefined) return whole.const;
  if (whole.enum) return whole.enum[0];
  if (whole.default !== undefined && whole.default !== null && typeof whole.default !== "object") return whole.default;
  const variant = choices(whole)?.find((one) => !isNull(one));
  if (variant) return example(api, variant, next);
  if (whole.allOf) return Object.assign({}, ...whole.allOf.map((one) => example(api, one, next)));
  const type = [whole.type].flat().find((one) => one !== "null");
  if (type === "array") return whole.prefixItems ? whole.prefixItems.map((one) => example(api, one, next)) : [example(api, whole.items, next)];
  if (type === "object" || whole.properties) {
    const required = new Set(whole.required ?? []);
    const entries = Object.entries(whole.properties ?? {}).filter(([key]) => required.has(key) || !required.size);
    return Object.fromEntries(entries.map(([key, value]) => [key, example(api, value, next)]));
  }
  return { string: "…", integer: Math.max(1, whole.minimum ?? 1), number: 1, boolean: true }[type] ?? null;
}
