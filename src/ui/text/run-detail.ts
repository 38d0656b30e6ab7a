// Writes the details of reasons in the words of the dictionary. What the dictionary does not have is shown as the API
// wrote it, in English.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { count } from "./numbers.ts";
import { texts } from "./texts.ts";

const FILES = ["failed", "missing", "changed", "suspicious"] as const;
const BATCHES = ["refused", "held"] as const;
/** A part of the API's detail that only counts files or batches. */
const COUNTED = /^\d+ (?:failed|missing|changed|suspicious) files?$|^\d+ (?:refused|held) batch(?:es)?$/;

type RunOfReason = Pick<RunStatusAnswer, "state_reason" | "files" | "batches" | "spec">;

/** What a run waits for, with numbers. `own`: in the chosen language. `english`: the rest of the API's text. */
export function runDetail({ state_reason: reason, files, batches, spec }: RunOfReason): {
  own: string;
  english: string;
} {
  const t = texts.value.run;
  if (reason === null) return { own: "", english: "" };
  if (reason.code === "canary" && spec.canary !== null)
    return { own: t.canaryDetail(count(spec.canary), count(batches.done)), english: "" };
  const parts = reason.detail.split("; ");
  const rest = parts.filter((part) => !COUNTED.test(part));
  if (rest.length === parts.length) return { own: "", english: reason.detail };
  const counts = [
    ...FILES.map((state) => [t.waitingFiles[state], files[state]] as const),
    ...BATCHES.map((state) => [t.waitingBatches[state], batches[state]] as const),
  ];
  const own = counts.filter(([, n]) => n > 0).map(([name, n]) => `${name} ${count(n)}`);
  return { own: own.join(" · "), english: rest.join("; ") };
}
