// Proves that a raw line is one JSON object without parsing it, at a quarter of the cost. Looks at Latin-1 text, so
// bytes of UTF-8 sequences occur only inside strings. Never proves a line that JSON.parse refuses. A valid line may
// stay unproven. The caller then parses that line.

import type { LogRecord } from "./transform/log-record.ts";

/** The longest line that is proven. For a longer line, the regular expression engine would need too much memory,
 * because it stores a position for each character of a repetition. Such a line is parsed instead. */
const MAX_CHARS = 64 * 1024;
/** The most members of a learned record. Logpush has about 150 fields. */
const MAX_MEMBERS = 400;

const PLAIN = String.raw`[^"\\\x00-\x1f]*`;
const STRING = String.raw`"${PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})${PLAIN})*"`;
const NUMBER = String.raw`-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?`;
/** The pattern of a number without sign and exponent. */
const COUNT = String.raw`(?:0|[1-9][0-9]*)(?:\.[0-9]+)?`;
const PRIMITIVE = `(?:${STRING}|${NUMBER}|true|false|null)`;
const ARRAY = String.raw`\[(?:${PRIMITIVE}(?:,${PRIMITIVE})*)?\]`;
const OBJECT = String.raw`\{(?:${STRING}:${PRIMITIVE}(?:,${STRING}:${PRIMITIVE})*)?\}`;
const VALUE = `(?:${PRIMITIVE}|${ARRAY}|${OBJECT})`;
/** Matches a JSON object whose members are primitives, or lists and maps of primitives, without white space. */
const ANY = sticky(String.raw`\{${STRING}:${VALUE}(?:,${STRING}:${VALUE})*\}`);

/** The most forms that are learned. Compiling a form of a hundred members takes as long as parsing a hundred
 * lines. */
const MAX_KNOWN = 8;
const forms = new Map<string, RegExp>();

export class JsonShape {
  /** Matches lines with the members of the learned record, in half the time of the general form. */
  #learned: RegExp | null = null;

  /** Learns the members of one record. One record is enough, because Logpush writes the members of a file's
   * records in one order. */
  learn(record: LogRecord): void {
    if (this.#learned !== null) return;
    const members = Object.entries(record);
    const isUsual = members.length <= MAX_MEMBERS && members.every(([name]) => /^[A-Za-z0-9_]+$/.test(name));
    this.#learned = isUsual
      ? known(String.raw`\{${members.map(([name, value]) => `"${name}":${formOf(value)}`).join(",")}\}`)
      : ANY;
  }

  /** True only when `map` in [start, end) is the JSON text of one object. */
  proves(map: string, start: number, end: number): boolean {
    if (end - start > MAX_CHARS) return false;
    return (
      (this.#learned !== null && matches(this.#learned, map, start, end)) || matches(ANY, map, start, end)
    );
  }
}

function matches(form: RegExp, map: string, start: number, end: number): boolean {
  form.lastIndex = start;
  return form.test(map) && form.lastIndex === end;
}

/** A value of another type does not match. The general form then decides. */
function formOf(value: unknown): string {
  if (typeof value === "string") return `"${PLAIN}"`;
  if (typeof value === "number") return value >= 0 ? COUNT : NUMBER;
  return typeof value === "boolean" ? "(?:true|false)" : VALUE;
}

function known(source: string): RegExp {
  const form = forms.get(source) ?? sticky(source);
  if (forms.size >= MAX_KNOWN) forms.clear();
  forms.set(source, form);
  return form;
}

function sticky(source: string): RegExp {
  return new RegExp(source, "y");
}
