// Shows how long the rest of a run takes. While the run waits after its canary, no forecast is shown.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { isCanaryOpen } from "../state/run-share.ts";
import { duration } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";

export function TimeLeft({ run }: { run: RunStatusAnswer }) {
  if (run.delivery_completed) return null;
  if (isCanaryOpen(run)) return <span class="quiet">{texts.value.run.afterCanary}</span>;
  return run.eta_seconds === null ? null : <span>{texts.value.frame.eta(duration(run.eta_seconds))}</span>;
}
