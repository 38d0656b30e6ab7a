// Copies an argument of a service call into plain JSON, or refuses it. A caller may pass anything that the platform can
// serialise: functions, cyclic JavaScript objects, dates, lists with a billion holes. The copy never calls the
// argument's methods. A stub of a Durable Object of the caller is refused before its members are read. Does no I/O.
import { pointerTo } from "../http/problems/field-errors.ts";
import type { Refusal } from "../http/problems/problems.ts";

export type PlainAnswer = { ok: true; json: unknown } | { ok: false; refusal: Refusal };

/** The deepest nesting, as for the body of a request. */
const MAX_DEPTH = 16;

/** Copies a value. `maxBytes` is the bound for the body of the same request over HTTP. */
export function plainValue(value: unknown, maxBytes: number): PlainAnswer {
  const copying = new Copying(maxBytes);
  try {
    const json = copying.copy(value, []);
    if (copying.refusal) return { ok: false, refusal: copying.refusal };
    const bytes = new TextEncoder().encode(JSON.stringify(json)).length;
    return bytes > maxBytes ? { ok: false, refusal: tooLarge(maxBytes) } : { ok: true, json };
  } catch {
    // A getter or a proxy of the value threw an error. This is possible only for callers inside this Worker.
    return { ok: false, refusal: invalid([], "expected a value that can be read") };
  }
}

class Copying {
  /** The first fault that was found. Later values are not copied. */
  refusal: Refusal | null = null;
  readonly #maxBytes: number;
  /** How many characters may still be copied. Each value takes at least one, so the work is bounded too. */
  #left: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#left = maxBytes;
  }

  copy(value: unknown, path: readonly string[]): unknown {
    if (this.refusal || !this.#takes(typeof value === "string" ? value.length + 1 : 1)) return null;
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (path.length >= MAX_DEPTH && typeof value === "object")
      return this.#refuse(invalid([], `is nested deeper than ${MAX_DEPTH} levels`));
    if (Array.isArray(value)) return this.#list(value, path);
    return isPlainObject(value) ? this.#object(value, path) : this.#refuse(invalid(path, expectedFor(value)));
  }

  #list(list: readonly unknown[], path: readonly string[]): unknown[] {
    const copies: unknown[] = [];
    for (let at = 0; at < list.length && !this.refusal; at += 1)
      copies.push(this.copy(list[at], [...path, String(at)]));
    return copies;
  }

  /** An undefined member counts as absent, as in JSON. */
  #object(object: object, path: readonly string[]): unknown {
    const copies: [string, unknown][] = [];
    for (const [name, value] of Object.entries(object)) {
      if (this.refusal || !this.#takes(name.length + 1)) break;
      if (value !== undefined) copies.push([name, this.copy(value, [...path, name])]);
    }
    return Object.fromEntries(copies);
  }

  #takes(characters: number): boolean {
    this.#left -= characters;
    if (this.#left < 0) this.#refuse(tooLarge(this.#maxBytes));
    return this.#left >= 0;
  }

  #refuse(refusal: Refusal): null {
    this.refusal ??= refusal;
    return null;
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function expectedFor(value: unknown): string {
  if (value instanceof Date) return "expected an instant as text, like 2026-04-22T14:00:00Z, not a Date";
  return "expected an object, a list, text, a finite number, true, false or null";
}

function invalid(path: readonly string[], detail: string): Refusal {
  return { code: "invalid_body", errors: [{ pointer: pointerTo(path), detail }] };
}

function tooLarge(maxBytes: number): Refusal {
  return { code: "body_too_large", maxBytes };
}
