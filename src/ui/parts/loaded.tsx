// Shows the data of a feed in each of its states: none yet, refused, there, and no longer reached (greyed).
import type { ComponentChildren } from "preact";
import type { Feed } from "../state/feed.ts";
import { isReached } from "../state/poller.ts";
import { texts } from "../text/texts.ts";
import { Refusal } from "./notice.tsx";

export function Loaded<T>(props: { feed: Feed<T> | null; children: (data: T) => ComponentChildren }) {
  const { feed } = props;
  const data = feed?.data.value ?? null;
  const problem = feed?.problem.value ?? null;
  return (
    <>
      <Refusal problem={problem} />
      {data === null && problem === null && <p class="quiet">{texts.value.frame.loading}</p>}
      {data !== null && <Greyed>{props.children(data)}</Greyed>}
    </>
  );
}

/** Old data stays readable, and looks old. */
export function Greyed({ children }: { children: ComponentChildren }) {
  return <div class={isReached.value ? "data" : "data stale"}>{children}</div>;
}
