// The schemas for what a run has recorded about the receiver's answers.
import * as v from "valibot";
import { Count, Flag, InstantText, Text, TextOrNull, about } from "./shapes.ts";

const Word = v.picklist(["success", "refused", "resend"]);
const AnswerBody = v.strictObject({ status: Count, body: Text, count: Count });

const AnswerKind = v.strictObject({
  id: Text,
  status: Count,
  body: Text,
  count: Count,
  waiting: Count,
  word: v.nullable(Word),
  differs: v.array(v.string()),
});

export const ReceiverAnswers = v.strictObject({
  check: about(
    v.picklist(["pattern", "watching", "learning"]),
    "How the run judges a 2xx: by SUCCESS_PATTERN, by the usual answer, or it still learns the usual answer.",
  ),
  unusual: about(Count, "Answers that wait for an operator's decision."),
  usual: v.nullable(AnswerBody),
  kinds: v.array(AnswerKind),
  covered_members: about(
    v.array(v.string()),
    "The members of answers that the run no longer compares, because an operator decided `success`.",
  ),
  pattern: v.nullable(
    v.strictObject({
      has_matched: Flag,
      waits_for_word: Flag,
      word: v.nullable(v.picklist(["success", "refused"])),
    }),
  ),
  words: about(
    v.array(
      v.strictObject({ at: InstantText, actor: Text, note: TextOrNull, words: v.record(v.string(), Word) }),
    ),
    "The decisions of operators, the newest last.",
  ),
  bodies: v.array(AnswerBody),
  other_bodies: Count,
});

export const AssumedCount = v.strictObject({ attempts: Count, lines: Count });

/** Attempts that the run counts as not delivered, because of the HTTP status of the answer. */
export const AssumedEntries = {
  assumed_not_delivered_attempts: Count,
  assumed_not_delivered_lines: Count,
  assumed_not_delivered: about(
    v.record(v.string(), AssumedCount),
    "Counts by the HTTP status of the answer.",
  ),
};
