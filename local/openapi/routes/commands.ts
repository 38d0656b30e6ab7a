// Describes the routes with which an operator decides about one run.
import { CommandAnswer } from "../../../src/contract/api/run-status.ts";
import type { ProblemCode } from "../../../src/contract/api/problem.ts";
import { commandFields, type Verb } from "../../../src/http/runs/commands.ts";
import type { BodyDoc, RouteDoc, SuccessDoc } from "../route-doc.ts";
import { WIDEST_CONFIG } from "../widest-config.ts";

/** Refusals that every command can answer. */
const OF_COMMANDS: readonly ProblemCode[] = ["run_ended", "wrong_state"];
/** Refusals of commands after which the run may send. Only the run with the receiver's slot may send. */
const OF_SLOT: readonly ProblemCode[] = ["slot_taken", "overlap"];

const DONE: SuccessDoc = { description: "The command is complete.", schema: CommandAnswer };
const BEGUN: SuccessDoc = { description: "The run continues the work.", schema: CommandAnswer };

function command(
  which: Verb,
  example: BodyDoc["example"],
  about: Pick<RouteDoc, "operationId" | "description" | "answers"> & {
    problems?: readonly ProblemCode[];
    keywords?: BodyDoc["keywords"];
  },
): RouteDoc {
  const { problems = [], keywords, ...shown } = about;
  const fields = commandFields(which, WIDEST_CONFIG);
  return {
    ...shown,
    tag: "Commands",
    body: { fields, example, mayBeEmpty: true, ...(keywords && { keywords }) },
    problems: [...OF_COMMANDS, ...problems],
  };
}

export const COMMAND_ROUTES = {
  "PATCH /runs/:id": command(
    "patch",
    { max_lines_per_second: 20_000 },
    {
      operationId: "changeLimits",
      description: "Changes the limits that the body names. `null` removes a cap.",
      answers: { 200: DONE },
      problems: ["invalid_value"],
      keywords: { minProperties: 1 },
    },
  ),
  "POST /runs/:id/accept": command(
    "accept_codes",
    { codes: ["late_files"], note: "the partner has them" },
    {
      operationId: "acceptCodes",
      description:
        "Settles codes of state reasons that the run shows. Each code counts as an exception. Needs a `note`.",
      answers: { 200: DONE },
      problems: ["nothing_to_accept", "note_needed", "slot_taken"],
    },
  ),
  "POST /runs/:id/late/take": command(
    "take_late",
    {},
    {
      operationId: "takeLateFiles",
      description: "Lists the window again and adds late files to the run.",
      answers: { 202: BEGUN },
      problems: [...OF_SLOT, "nothing_to_accept"],
    },
  ),
  "POST /runs/:id/retry": command(
    "retry_all",
    {},
    {
      operationId: "retryEverything",
      description: "Parses failed and missing files again, and sends refused and held batches again.",
      answers: { 202: BEGUN },
      problems: OF_SLOT,
    },
  ),
  "POST /runs/:id/pause": command(
    "pause",
    { note: "partner works on it" },
    {
      operationId: "pauseRun",
      description: "The run sends no further batch. With `park` it also releases the slot.",
      answers: { 202: BEGUN },
    },
  ),
  "POST /runs/:id/resume": command(
    "resume",
    { note: "partner is back" },
    {
      operationId: "resumeRun",
      description:
        "Ends a pause or a canary, accepts changed receiver settings, or decides about unusual answers.",
      answers: { 202: BEGUN },
      problems: [...OF_SLOT, "note_needed"],
    },
  ),
  "POST /runs/:id/verify": command(
    "verify",
    {},
    {
      operationId: "verifyRun",
      description: "Recounts the run's own rows. The result is in `verification` of the status.",
      answers: { 202: BEGUN },
    },
  ),
  "POST /runs/:id/files/:file/retry": command(
    "retry_file",
    { on_corrupt: "salvage" },
    {
      operationId: "retryFile",
      description:
        "Parses the file's present object again. Batches with the same digest as before keep their state.",
      answers: { 202: BEGUN },
      problems: [...OF_SLOT, "unknown_file"],
    },
  ),
  "POST /runs/:id/files/:file/accept": command(
    "accept_file",
    { note: "partner has these lines" },
    {
      operationId: "acceptFile",
      description:
        "Settles the file. Its unsent lines are never sent, unless `send` is true. Needs a `note`.",
      answers: { 200: DONE, 202: BEGUN },
      problems: [...OF_SLOT, "unknown_file", "note_needed", "send_needed"],
    },
  ),
  "POST /runs/:id/batches/:batch/retry": command(
    "retry_batch",
    {},
    {
      operationId: "retryBatch",
      description: "Sends the batch again.",
      answers: { 202: BEGUN },
      problems: [...OF_SLOT, "unknown_batch"],
    },
  ),
  "POST /runs/:id/batches/:batch/resolve": command(
    "resolve_batch",
    { outcome: "delivered", note: "partner confirmed" },
    {
      operationId: "resolveBatch",
      description: "`delivered` and `discard` settle the batch and need a `note`. `resend` sends it again.",
      answers: { 200: DONE, 202: BEGUN },
      problems: [...OF_SLOT, "unknown_batch", "note_needed"],
    },
  ),
} satisfies { [route: string]: RouteDoc };
