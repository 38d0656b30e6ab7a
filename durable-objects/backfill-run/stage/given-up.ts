// Records that a channel did not get a notice of this run. The Notifier repeats its call until the run answers.
import { addEvent } from "../context/audit-trail.ts";
import { started, type RunContext } from "../context/context.ts";

export function notificationGivenUp(context: RunContext, event: number, channel: string): void {
  const run = started(context);
  if (!run) return;
  context.store.transaction(() => {
    if (!context.store.outbox.givenUp(event, channel)) return;
    const notification = `${run.row.run_id}.${event}`;
    addEvent(context, "system", "notification_given_up", { notification, channel });
  });
}
