// Reads the secret RECEIVER. An empty text becomes null.
import * as v from "valibot";
import { readHttpReceiver, type HttpReceiver } from "../receivers/http-settings.ts";
import type { VarKind } from "./var-kinds.ts";

export const HTTP_RECEIVER = {
  values: "JSON object",
  schema: v.pipe(
    v.string("expected text"),
    v.rawTransform(({ dataset, addIssue, NEVER }): HttpReceiver | null => {
      const text = dataset.value.trim();
      if (text === "") return null;
      const read = readHttpReceiver(text);
      if (!read.ok) {
        for (const message of read.faults) addIssue({ message });
        return NEVER;
      }
      return read.receiver;
    }),
  ),
} satisfies VarKind;
