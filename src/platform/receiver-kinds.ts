// Reads the secret RECEIVER. An empty text becomes null.
import * as v from "valibot";
import { readHttpReceiver, type HttpReceiver } from "../receivers/http-settings.ts";
import type { VarKind } from "./var-kinds.ts";

/** The newest text and its result are kept. The secret is read on every request. */
let newest: { text: string; receiver: HttpReceiver } | null = null;

export const HTTP_RECEIVER = {
  values: "JSON object",
  schema: v.pipe(
    v.string("expected text"),
    v.rawTransform(({ dataset, addIssue, NEVER }): HttpReceiver | null => {
      const text = dataset.value.trim();
      if (text === "") return null;
      if (newest?.text === text) return newest.receiver;
      const read = readHttpReceiver(text);
      if (!read.ok) {
        for (const message of read.faults) addIssue({ message });
        return NEVER;
      }
      newest = { text, receiver: read.receiver };
      return read.receiver;
    }),
  ),
} satisfies VarKind;
