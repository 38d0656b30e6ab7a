// Reads the secrets RECEIVER and RECEIVERS. An empty text becomes null, or an empty map.
import * as v from "valibot";
import { readHttpReceiver, type HttpReceiver } from "../receivers/http-settings.ts";
import { readNamedReceivers, type NamedReceivers } from "./named-receivers.ts";
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

export const NAMED_RECEIVERS = {
  values: "JSON object: name → receiver",
  schema: v.pipe(
    v.string("expected text"),
    v.rawTransform(({ dataset, addIssue, NEVER }): NamedReceivers => {
      const text = dataset.value.trim();
      if (text === "") return new Map();
      const read = readNamedReceivers(text);
      if (!read.ok) {
        for (const message of read.faults) addIssue({ message });
        return NEVER;
      }
      return read.receivers;
    }),
  ),
} satisfies VarKind;
