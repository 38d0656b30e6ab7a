// Links to a run and to a window of the queue, by their ids.
import { queryText } from "../api/paths.ts";
import { namedReceiver } from "../state/receiver-names.ts";

export function RunLink({ run }: { run: string | null }) {
  if (run === null) return <>—</>;
  return <a href={`/ui/runs/${run}`}>{run}</a>;
}

/** The page of a receiver's queue, or of its form. Null: the first receiver. */
export function queueAddress(receiver: string | null, form: "" | "/add" = ""): string {
  return `/ui/queue${form}${queryText({ receiver: namedReceiver(receiver) })}`;
}

/** The number of a window belongs to the queue of one receiver. */
export function windowAddress(id: number, receiver: string | null): string {
  return `/ui/queue${queryText({ receiver: namedReceiver(receiver), window: id })}`;
}

export function WindowNumber({ id, receiver }: { id: number; receiver: string | null }) {
  return <a href={windowAddress(id, receiver)}>{id}</a>;
}
