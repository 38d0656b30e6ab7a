// Reads vars of the deployment, for the fields whose default is a var.
import type { SystemVar } from "../../../contract/api/api-types.ts";
import { useFeed } from "../../state/feed.ts";
import { system } from "../../state/frame-feeds.ts";

/** Null: the deployment has no such var. Undefined: the vars are not loaded yet. */
export function useSystemVar(name: string): SystemVar | null | undefined {
  const view = useFeed(system.path)?.data.value;
  return view && (view.vars.find((one) => one.name === name) ?? null);
}

/** "" if the value is not known or not set. */
export function useVar(name: string): string {
  return useSystemVar(name)?.value ?? "";
}
