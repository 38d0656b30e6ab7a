// Writes the request as a command for a terminal: with this project's command line, and with curl. Does no I/O.
import { flagOf } from "./run-options.ts";
import { textOfMember, type RunBody } from "./run-form.ts";

export function commandOf(body: RunBody): string {
  const flags = Object.entries(body).flatMap(([member, value]) => {
    if (value === false || value === null) return [];
    if (value === true) return [flagOf(member)];
    // Only the hours (send_between) are a list of values. Each range becomes a flag.
    return [value].flat().flatMap((one) => [flagOf(member), quoted(textOfMember(one))]);
  });
  return ["logpush-backfill", "start", ...flags].join(" ");
}

/** The token and the key are shell variables, so that no shell history contains them. */
export function curlOf(origin: string, body: RunBody): string {
  return [
    `curl -X POST ${quoted(`${origin}/runs`)}`,
    `-H "Authorization: Bearer $BACKFILL_TOKEN"`,
    `-H "Idempotency-Key: $(uuidgen)"`,
    `-H 'Content-Type: application/json'`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(" \\\n  ");
}

/** Quotes a text for a POSIX shell. */
function quoted(text: string): string {
  return /^[\w:./+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
