// Keeps what a person has typed for a run while a dry run counts it. The start from the plan then has the same cap,
// canary, note and options. These settings are kept in this tab only.
import { CAREFUL } from "./new-run-link.ts";

/** The key in sessionStorage for the settings of one dry run. */
const place = (run: string): string => `plan-settings ${run}`;

/** `query`: the parameters of /ui/new. */
export function keepPlanSettings(run: string, query: Readonly<Record<string, string | null>>): void {
  const given = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  sessionStorage.setItem(place(run), JSON.stringify(given));
}

/** The address of /ui/new for a run from this plan, with the kept settings. Without them, it has the canary of a careful
 * start, because a dry run has no canary. The page takes its other settings from the dry run. */
export function newRunFromPlan(run: string): string {
  const kept = sessionStorage.getItem(place(run));
  const settings =
    kept === null ? [["canary", CAREFUL.canary] as const] : (JSON.parse(kept) as [string, string][]);
  return `/ui/new?${new URLSearchParams([["from_plan", run], ...settings].map((pair) => [...pair])).toString()}`;
}
