// Finds the parts of an OpenAPI document that a reader could not understand: members, parameters, headers, schemas and
// variants without a description, values of an enum that no text explains, and sentences that are too long.

type Json = { [member: string]: unknown };

const MAX_SENTENCES = 2;
const MAX_WORDS = 20;

export function undescribed(document: Json): string[] {
  const finder = new Finder();
  const { components, paths } = document as { components: { [group: string]: Json }; paths: Json };
  for (const [name, schema] of Object.entries(components["schemas"] ?? {})) {
    finder.description(name, schema as Json);
    finder.schema(name, schema as Json, textOf(schema as Json));
  }
  for (const group of ["parameters", "headers"])
    for (const [name, one] of Object.entries(components[group] ?? {})) finder.parameter(name, one as Json);
  for (const [name, response] of Object.entries(components["responses"] ?? {})) finder.below(name, response);
  finder.below("", paths);
  return finder.found;
}

class Finder {
  readonly found: string[] = [];

  /** Checks every schema and parameter of a part of the document that is not a schema itself. */
  below(place: string, part: unknown): void {
    if (typeof part !== "object" || part === null) return;
    for (const [name, member] of Object.entries(part as Json)) {
      const inner = `${place}/${name}`;
      if (name === "schema") this.schema(inner, member as Json, "");
      else if (name === "parameters") for (const one of member as Json[]) this.parameter(inner, one);
      else if (!/^examples?$/.test(name)) this.below(inner, member);
    }
  }

  parameter(place: string, parameter: Json): void {
    const { $ref, name, schema } = parameter;
    if (typeof $ref === "string") return;
    const own = typeof name === "string" ? `${place} ${name}` : place;
    this.description(own, parameter);
    this.schema(own, schema as Json, textOf(parameter));
  }

  /** `text` describes the member or parameter that has this schema. */
  schema(place: string, schema: Json, text: string): void {
    const values = (schema["enum"] ?? []) as unknown[];
    const meanings = (schema["x-enumDescriptions"] ?? {}) as Json;
    for (const value of values) this.#value(place, value, meanings, text);
    for (const value of Object.keys(meanings))
      if (!values.map(String).includes(value)) this.#report(place, `explains ${value}, which is no value`);
    for (const [name, member] of Object.entries((schema["properties"] ?? {}) as { [name: string]: Json })) {
      this.description(`${place}.${name}`, member);
      this.schema(`${place}.${name}`, member, textOf(member));
    }
    for (const keyword of ["items", "additionalProperties"]) {
      const inner = schema[keyword];
      if (typeof inner === "object" && inner !== null) this.schema(`${place}[]`, inner as Json, text);
    }
    for (const keyword of ["anyOf", "oneOf", "allOf", "prefixItems"]) {
      const variants = (schema[keyword] ?? []) as Json[];
      for (const [n, variant] of variants.entries()) {
        const isOneOfSeveral = variants.filter((one) => one["properties"] !== undefined).length > 1;
        if (isOneOfSeveral) this.description(`${place}/${keyword}/${n}`, variant);
        this.schema(`${place}/${keyword}/${n}`, variant, textOf(variant) || text);
      }
    }
  }

  description(place: string, described: Json): void {
    const text = textOf(described);
    if (text === "") return this.#report(place, "has no description");
    if (!text.endsWith(".")) this.#report(place, "does not end with a full stop");
    // A code, and a path with its full stops, count as one word.
    const sentences = text.replaceAll(/`[^`]*`|[\w/-]+\.md/g, "code").split(/(?<=[.?!])\s+/);
    if (sentences.length > MAX_SENTENCES) this.#report(place, `has ${sentences.length} sentences`);
    for (const sentence of sentences) {
      const words = sentence.split(/\s+/).length;
      if (words > MAX_WORDS) this.#report(place, `has a sentence of ${words} words`);
    }
  }

  #value(place: string, value: unknown, meanings: Json, text: string): void {
    const isExplained = typeof meanings[String(value)] === "string" || text.includes(`\`${String(value)}\``);
    if (!isExplained && !isProblemCode(place)) this.#report(place, `does not explain ${String(value)}`);
  }

  #report(place: string, fault: string): void {
    this.found.push(`${place} ${fault}`);
  }
}

/** docs/reference/problems.md explains the codes, and another test compares that page with the code. */
function isProblemCode(place: string): boolean {
  return place.endsWith(".code") && (place.startsWith("ProblemAnswer") || place.includes("problem+json"));
}

function textOf({ description }: Json): string {
  return typeof description === "string" ? description.trim() : "";
}
