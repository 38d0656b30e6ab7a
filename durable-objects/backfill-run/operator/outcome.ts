// How a command of an operator ended, within the run.
import type { InvalidValue, OperatorCode } from "../../../src/contract/operator.ts";
import type { Json } from "../../../src/contract/states.ts";

/**
 * How many rows it changed, or why it changed none. `underWay`: the clock changes the rest (bulk-commands.ts). `event`:
 * what the audit trail shows in the place of the command's own fields.
 */
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
