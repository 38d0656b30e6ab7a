// How a command of an operator ended, within the run.
import type { InvalidValue, OperatorCode } from "./api-operator.ts";

/** How many rows it changed, or why it changed none. `underWay`: the clock changes the rest (bulk-commands.ts). */
export type Done =
  | { ok: true; changed: number; skipped?: number; underWay?: boolean }
  | { ok: false; code: OperatorCode; detail: string }
  | InvalidValue;

export function no(code: OperatorCode, detail: string): Done {
  return { ok: false, code, detail };
}
