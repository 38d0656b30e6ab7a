// The batches of a canary that waits for a person, with a text about them for the partner.
import { Fragment, type ComponentChildren } from "preact";
import type { BatchItem, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { Copy } from "../../parts/copy.tsx";
import { Instant } from "../../parts/instant.tsx";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { RowReason } from "../../parts/row-reason.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { useFeed } from "../../state/feed.ts";
import { toneOfBatch, wereSent } from "../../state/batch-waits.ts";
import { batchWord } from "../../text/codes.ts";
import { count, UNKNOWN } from "../../text/numbers.ts";
import { mark } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { partnerTextOf } from "./partner-text.ts";

/** A partner checks some batches, not thousands. The page of batches shows all. */
const MOST = 200;
/** How many batches that were not sent are named. */
const MOST_NAMED = 5;

/** Loads the texts of reasons, which few canaries need. */
const WithReasons = lazyPage<{ children: () => ComponentChildren }>(
  async () =>
    ({ children }) => <Fragment>{children()}</Fragment>,
  ["rowReasons"],
);

function hasReason({ reason, exceptional_attempts: attempts }: BatchItem): boolean {
  return reason !== null || attempts.length > 0;
}

export function RunCanary({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const feed = useFeed(paths.batches(run.id, { state: "done,refused,held", limit: MOST }));
  return (
    <section aria-labelledby="run-canary">
      <h2 id="run-canary">{t.canaryTitle}</h2>
      <Loaded feed={feed}>
        {({ items, next_cursor: next }) => {
          const shown = () => (
            <>
              <p>
                {t.canaryAsk} <Copy text={partnerTextOf(run, wereSent(items))} label={t.canaryCopy} />
              </p>
              <Table
                isNarrow
                label={t.canaryTitle}
                columns={columns(run.id)}
                rows={wereSent(items)}
                rowKey={({ batch }) => batch}
              />
              {next !== null && <p class="quiet">{t.problemsFirst(count(MOST))}</p>}
              <NotSent run={run.id} batches={items.filter(({ attempts }) => attempts === 0)} />
            </>
          );
          return items.some(hasReason) ? <WithReasons>{shown}</WithReasons> : shown();
        }}
      </Loaded>
    </section>
  );
}

/** Batches that were held before they were sent. Without them, the numbers of the canary's batches would have gaps that
 * are not explained. */
function NotSent({ run, batches }: { run: string; batches: readonly BatchItem[] }) {
  const t = texts.value.canary;
  if (batches.length === 0) return null;
  return (
    <>
      <p>{t.notPart}</p>
      <ul>
        {batches.slice(0, MOST_NAMED).map(({ batch, state, reason }) => (
          <li key={batch}>
            <a href={`/ui/runs/${run}/batches?batch=${batch}`}>{texts.value.run.batch(count(batch))}</a>{" "}
            {batchWord(state) + mark("stop")} <RowReason state={state} reason={reason} />
          </li>
        ))}
        {batches.length > MOST_NAMED && <li>{t.more(count(batches.length - MOST_NAMED))}</li>}
      </ul>
    </>
  );
}

function columns(run: string): Column<BatchItem>[] {
  const t = texts.value.batchFacts;
  return [
    {
      key: "batch",
      head: t.batch,
      cell: ({ batch }) => <a href={`/ui/runs/${run}/batches?batch=${batch}`}>{count(batch)}</a>,
    },
    {
      key: "state",
      head: t.state,
      cell: (batch) => <span class={`dot tone-${toneOfBatch(batch)}`}>{batchWord(batch.state)}</span>,
    },
    { key: "lines", head: t.lines, isNumber: true, cell: ({ lines }) => count(lines) },
    { key: "answer", head: t.answer, isNumber: true, cell: (one) => one.answer_status ?? UNKNOWN },
    { key: "done", head: t.doneAt, cell: ({ done_at: at }) => <Instant at={at} /> },
    {
      key: "digest",
      head: t.digest,
      cell: ({ digest }) => (
        <code class="clip" title={digest}>
          {digest}
        </code>
      ),
    },
    {
      key: "rays",
      head: t.rays,
      cell: ({ first_ray_id: first, last_ray_id: last }) => (
        <code>
          {first || UNKNOWN} – {last || UNKNOWN}
        </code>
      ),
    },
  ];
}
