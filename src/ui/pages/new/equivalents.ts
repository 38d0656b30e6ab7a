// The same request for a terminal: the command line of this project, and curl. Pure.
import { flagOf } from "./run-options.ts";
import type { RunBody } from "./run-form.ts";

export function commandOf(body: RunBody): string {
  const flags = Object.entries(body).flatMap(([member, value]) => {
    if (value === false || value === null) return [];
    if (value === true) return [flagOf(member)];
    // Several ranges of hours are the only list.
    return [value].flat().flatMap((one) => [flagOf(member), quoted(textOf(one))]);
  });
  return ["logpush-backfill", "start", ...flags].join(" ");
}

/** The token and the key are variables, so that neither gets into a history. */
export function curlOf(origin: string, body: RunBody): string {
  return [
    `curl -X POST ${quoted(`${origin}/runs`)}`,
    `-H "Authorization: Bearer $BACKFILL_TOKEN"`,
    `-H "Idempotency-Key: $(uuidgen)"`,
    `-H 'Content-Type: application/json'`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(" \\\n  ");
}

/** A range of hours is the only value that is an object. */
function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const { from, to, zone, days } = value as { from: string; to: string; zone: string; days?: string[] };
  return [`${from}-${to}`, zone, ...(days ? [days.join(",")] : [])].join(" ");
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w:./+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
