// Reads vars of the deployment, for the fields whose default is a var.
import type { SystemVar } from "../../../contract/api/api-types.ts";
import { useFeed } from "../../state/feed.ts";
import { system } from "../../state/frame-feeds.ts";
import { capOf } from "../../state/receivers.ts";

/** Null: the deployment has no such var. Undefined: the vars are not loaded yet. */
export function useSystemVar(name: string): SystemVar | null | undefined {
  const view = useFeed(system.path)?.data.value;
  return view && (view.vars.find((one) => one.name === name) ?? null);
}

/** "" if the value is not known or not set. */
export function useVar(name: string): string {
  return useSystemVar(name)?.value ?? "";
}

/** The cap of a run whose request names no cap. `receiver` "": the first receiver. The text is "" if the cap is not
 * known. */
export function useCap(receiver: string): string {
  const ofFirst = useVar("MAX_LINES_PER_SECOND");
  return receiver === "" ? ofFirst : String(capOf(receiver) ?? "");
}
