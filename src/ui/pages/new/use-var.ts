// The value of a var of the deployment, for the placeholder of a field.
import { useFeed } from "../../state/feed.ts";
import { system } from "../../state/frame-feeds.ts";

/** The value of a var of the deployment. "" if the value is not known or not set. */
export function useVar(name: string): string {
  const view = useFeed(system.path)?.data.value;
  return view?.vars.find((one) => one.name === name)?.value ?? "";
}
