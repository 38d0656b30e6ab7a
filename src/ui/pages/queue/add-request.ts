// The form for adding windows to the queue, and the request that it makes. Does no I/O.
import { receiverOfQuery } from "../../state/receiver-names.ts";
import type { ReadWindow } from "./read-window-lines.ts";

export interface AddForm {
  /** Null: the first receiver. */
  receiver: string | null;
  what: "windows" | "range" | "holes";
  /** The windows as the person typed them. */
  lines: string;
  length: string;
  unit: "d" | "h";
  chunkHours: string;
  order: "oldest_first" | "newest_first";
  from: string | null;
  until: string | null;
  live: "skip_delivered" | "ignore";
  liveBatchSize: string;
  skipSent: boolean;
  cap: string;
  priority: string;
  notBefore: string | null;
  reason: string;
}

/** The form as it opens. By default it leaves out what was delivered or sent before. This is the safe choice,
 * because the receiver does not remove duplicates. */
export function emptyForm(query: string): AddForm {
  const search = new URLSearchParams(query);
  const [from, until] = [search.get("from"), search.get("until")];
  return {
    receiver: receiverOfQuery(query),
    what: from === null ? "windows" : "holes",
    lines: "",
    length: "7",
    unit: "d",
    chunkHours: "24",
    order: "oldest_first",
    from,
    until,
    live: "skip_delivered",
    liveBatchSize: "",
    skipSent: true,
    cap: "",
    priority: "",
    notBefore: null,
    reason: "",
  };
}

/** What the form sends. The live worker delivers only to the first receiver, so other receivers have no markers and no
 * holes. The form keeps what the person chose, in case the person chooses the first receiver again. */
export function sentForm(form: AddForm): AddForm {
  if (form.receiver === null) return form;
  return { ...form, live: "ignore", what: form.what === "holes" ? "windows" : form.what };
}

/** The body of POST /windows. Empty fields are left out, so that the API names the missing ones. */
export function requestOf(form: AddForm, windows: readonly ReadWindow[]): Record<string, unknown> {
  const cap = number(form.cap);
  const batch = form.live === "skip_delivered" ? number(form.liveBatchSize) : undefined;
  const priority = number(form.priority);
  return {
    ...askedOf(form, windows),
    reason: form.reason.trim(),
    skip_sent: form.skipSent,
    ...(priority !== undefined && { priority }),
    ...(form.notBefore !== null && { not_before: form.notBefore }),
    options: {
      ...(form.receiver === null ? { live: form.live } : { receiver: form.receiver }),
      ...(batch !== undefined && { live_batch_size: batch }),
      // A person may not watch a queued run. So the run holds a batch whose outcome is not known.
      on_uncertain: "hold",
      ...(cap !== undefined && { max_lines_per_second: cap }),
    },
  };
}

function askedOf(form: AddForm, windows: readonly ReadWindow[]): Record<string, unknown> {
  if (form.what === "windows") return { windows };
  if (form.what === "holes") return { from_coverage: { start: form.from ?? "", end: form.until ?? "" } };
  return { last: `${form.length}${form.unit}`, chunk: `${form.chunkHours}h`, order: form.order };
}

/** A text that is not a number is sent as it is. The API then refuses it with a reason. */
function number(text: string): number | string | undefined {
  if (text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}
