// The same request for a terminal: the command line of this project, and curl. Pure.
import { flagOf } from "./run-options.ts";
import type { RunBody } from "./run-form.ts";

export function commandOf(body: RunBody): string {
  const flags = Object.entries(body).flatMap(([member, value]) => {
    if (value === false || value === null) return [];
    return value === true ? [flagOf(member)] : [flagOf(member), quoted(textOf(value))];
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

/** One range of hours is the only value that is an object. */
function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const { from, to, zone, days } = value as { from: string; to: string; zone: string; days?: string[] };
  return [`${from}-${to}`, zone, ...(days ? [days.join(",")] : [])].join(" ");
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w:./+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
