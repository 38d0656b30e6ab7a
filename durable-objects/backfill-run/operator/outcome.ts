// The result of an operator's command, within the run.
import type { InvalidValue, OperatorCode } from "../../../src/contract/operator.ts";
import type { Json } from "../../../src/contract/states.ts";

/** How many rows the command changed, or why it changed none. `underWay`: the clock changes the remaining rows
 * (bulk-commands.ts). `event`: shown in the audit trail instead of the command's own fields. */
export type Done =
  | {
      ok: true;
      changed: number;
      skipped?: number;
      underWay?: boolean;
      event?: { [name: string]: Json };
    }
  | { ok: false; code: OperatorCode; detail: string }
  | InvalidValue;

export function no(code: OperatorCode, detail: string): Done {
  return { ok: false, code, detail };
}
