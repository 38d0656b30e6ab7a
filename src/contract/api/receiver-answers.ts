// The schemas for what a run has recorded about the receiver's answers.
import * as v from "valibot";
import type { Word } from "../answers.ts";
import { Count, Flag, InstantText, Text, TextOrNull, about, codes, named } from "./shapes.ts";

export const AnswerDecision = codes<Word>(
  "AnswerDecision",
  "What an operator decided about one kind of answer.",
  {
    success: "The waiting batches become `done`. Later answers of this kind are successes.",
    refused: "The waiting batches become `refused`. Later answers of this kind are refusals.",
    resend: "The waiting batches are sent again. Later answers of this kind wait again.",
  },
);

const answerStatus = about(Count, "The HTTP status of the answer.");
const AnswerBody = v.strictObject({
  status: answerStatus,
  body: about(Text, "The beginning of the answer's body."),
  count: about(Count, "How many such answers the run got."),
});

const AnswerKind = v.strictObject({
  id: about(Text, "The name of the kind, such as `k1`. A decision refers to it."),
  status: answerStatus,
  body: about(Text, "The beginning of the first body of this kind."),
  count: about(Count, "Answers of this kind so far."),
  waiting: about(Count, "Answers of this kind that wait for an operator's decision."),
  word: about(v.nullable(AnswerDecision), "The newest decision about this kind. Null: there is none."),
  differs: about(v.array(v.string()), "How the kind differs from the usual answer, for people. At most 20."),
});

export const ReceiverAnswers = named(
  "ReceiverAnswers",
  "What a run has recorded about the receiver's answers.",
  v.strictObject({
    check: about(
      v.picklist(["pattern", "watching", "learning"]),
      "How the run judges a 2xx: by SUCCESS_PATTERN (`pattern`), by the usual answer (`watching`), or it is still `learning`.",
    ),
    unusual: about(Count, "Answers that wait for an operator's decision."),
    usual: about(v.nullable(AnswerBody), "The first usual answer. Null: the run has none yet."),
    kinds: about(v.array(AnswerKind), "The kinds of answers that differ from the usual answer."),
    covered_members: about(
      v.array(v.string()),
      "The members of answers that the run no longer compares, because an operator decided `success`.",
    ),
    pattern: about(
      v.nullable(
        v.strictObject({
          has_matched: about(Flag, "True: at least one answer matched the pattern."),
          waits_for_word: about(Flag, "True: the run waits for a decision about answers that do not match."),
          word: about(
            v.nullable(v.picklist(["success", "refused"])),
            "The decision about such answers: `success` or `refused`. Null: there is none.",
          ),
        }),
      ),
      "How answers fit SUCCESS_PATTERN, or the rule of RECEIVER. Null: no answer was compared with a pattern.",
    ),
    words: about(
      v.array(
        v.strictObject({
          at: about(InstantText, "When the operator decided."),
          actor: about(Text, "Who decided."),
          note: about(TextOrNull, "The reason. Null: none was given."),
          words: about(
            v.record(v.string(), AnswerDecision),
            "The decision for each kind, by its id. `usual` and `no_match` are ids too.",
          ),
        }),
      ),
      "The decisions of operators, the newest last.",
    ),
    bodies: about(v.array(AnswerBody), "The first 20 different answers."),
    other_bodies: about(Count, "Answers that are none of `bodies`."),
  }),
);

export const AssumedCount = v.strictObject({
  attempts: about(Count, "Attempts that got this status."),
  lines: about(Count, "The lines of these attempts."),
});

/** Attempts that the run counts as not delivered, because of the HTTP status of the answer. */
export const AssumedEntries = {
  assumed_not_delivered_attempts: about(
    Count,
    "Attempts whose answer means that the receiver did not accept the batch.",
  ),
  assumed_not_delivered_lines: about(Count, "The lines of these attempts."),
  assumed_not_delivered: about(
    v.record(v.string(), AssumedCount),
    "Counts by the HTTP status of the answer.",
  ),
};
