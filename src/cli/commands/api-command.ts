// `api`: sends any request to the API. It covers routes that have no command.
import { readFileSync } from "node:fs";
import { problemIn, problemText } from "../api/api.ts";
import { remedyFor } from "../api/remedies.ts";
import { FailedFault, RefusedFault, UsageFault } from "../faults.ts";
import { flag, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";

const METHODS = ["GET", "POST", "PATCH", "DELETE"];

interface ApiOptions {
  data?: string;
  key?: string;
}

export function addApiCommand(group: Group): void {
  group.add<ApiOptions>({
    usage: "api <METHOD> <PATH>",
    summary: "make any request and print the body of its answer",
    options: [
      flag("-d, --data <JSON>", "the body; @FILE reads a file, @- reads stdin"),
      flag("--key <KEY>", "the Idempotency-Key"),
    ],
    examples: [
      "logpush-backfill api GET /health",
      'logpush-backfill api GET "/runs?limit=1"',
      "logpush-backfill api POST /runs/20260422T140000Z_20260422T150000Z_20260423T010203Z/pause -d '{\"park\": true}'",
    ],
    routes: ["GET /health"],
    action: async (session, { data, key }, [method = "", path = ""]) => {
      const wanted = method.toUpperCase();
      if (!METHODS.includes(wanted)) throw new UsageFault(`${method}: expected one of ${METHODS.join(", ")}`);
      if (!path.startsWith("/")) throw new UsageFault(`${path}: expected a path that begins with /`);
      const body = data === undefined ? undefined : await bodyOf(session, data);
      const headers = {
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(key !== undefined && { "Idempotency-Key": key }),
      };
      await printed(session, await session.api.fetchAny(wanted, path, body, headers));
    },
  });
}

async function bodyOf(session: Session, data: string): Promise<string> {
  if (!data.startsWith("@")) return data;
  if (data === "@-") return session.io.readStdin();
  try {
    return readFileSync(data.slice(1), "utf8");
  } catch (error) {
    throw new FailedFault(`the body cannot be read: ${(error as Error).message}`);
  }
}

/** Prints the body, even if the API refused the request. */
async function printed(session: Session, response: Response): Promise<void> {
  if (response.ok) {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) session.io.out(chunk);
    return;
  }
  const text = await response.text();
  if (text !== "") session.io.out(text.endsWith("\n") ? text : `${text}\n`);
  const problem = problemIn(text);
  const message = problem === null ? `the API answers ${response.status}` : problemText(problem);
  throw new RefusedFault(response.status, problem, message, problem && remedyFor(problem));
}
