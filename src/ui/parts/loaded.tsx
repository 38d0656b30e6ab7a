// Shows the data of a feed in each of four cases: not loaded yet, refused by the API, present, or out of date (grey)
// because the API does not answer.
import type { ComponentChildren } from "preact";
import type { Feed } from "../state/feed.ts";
import { isReached } from "../state/poller.ts";
import { Loading } from "./loading.tsx";
import { Refusal } from "./notice.tsx";

export function Loaded<T>(props: { feed: Feed<T> | null; children: (data: T) => ComponentChildren }) {
  const { feed } = props;
  const data = feed?.data.value ?? null;
  const problem = feed?.problem.value ?? null;
  return (
    <>
      <Refusal problem={problem} />
      {data === null && problem === null && <Loading />}
      {data !== null && <Greyed>{props.children(data)}</Greyed>}
    </>
  );
}

/** Data that are out of date. They stay readable, in grey. */
export function Greyed({ children }: { children: ComponentChildren }) {
  return <div class={isReached.value ? "data" : "data stale"}>{children}</div>;
}
