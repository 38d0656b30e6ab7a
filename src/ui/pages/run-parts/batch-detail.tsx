// One batch: its lines, its attempts with their answers, a text about it for the partner, and the decisions that a
// person can make.
import type { AttemptItem, BatchItem, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { Copy } from "../../parts/copy.tsx";
import { Detail, Fact } from "../../parts/detail.tsx";
import { Instant } from "../../parts/instant.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { ReasonText } from "../../parts/row-reason.tsx";
import { EmptyState, Notice } from "../../parts/notice.tsx";
import { Badge } from "../../parts/stage-badge.tsx";
import { Table } from "../../parts/table.tsx";
import { useFeed } from "../../state/feed.ts";
import { toneOfBatch, waitsFor } from "../../state/batch-waits.ts";
import { batchWord } from "../../text/codes.ts";
import { causeWord } from "../../text/row-reason.ts";
import { bytes, count, UNKNOWN } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { BatchVerbs } from "../run/batch-verbs.tsx";
import { partnerText } from "../run/partner-text.ts";

export function BatchDetail({ run, batch }: { run: RunStatusAnswer; batch: number }) {
  const t = texts.value.runLists;
  const feed = useFeed(paths.batches(run.id, { from: batch, limit: 1 }), {
    works: ({ items }) => items.some(({ state }) => state === "pending" || state === "leased"),
  });
  return (
    <Detail parameter="batch" title={t.batchNumber(count(batch))}>
      <Loaded feed={feed}>
        {({ items: [item] }) =>
          item?.batch === batch ? <BatchFacts run={run} item={item} /> : <EmptyState title={t.noSuchBatch} />
        }
      </Loaded>
    </Detail>
  );
}

function BatchFacts({ run, item }: { run: RunStatusAnswer; item: BatchItem }) {
  const t = texts.value.runLists;
  const home = `/ui/runs/${run.id}`;
  const waits = waitsFor(item);
  return (
    <>
      <p>
        <Badge tone={toneOfBatch(item)}>{batchWord(item.state)}</Badge>
      </p>
      {item.reason !== null && (
        <Notice tone={waits === "person" ? "red" : "plain"}>
          <ReasonText state={item.state} reason={item.reason} />
        </Notice>
      )}
      {/* The notice above already says what a batch without a decision waits for. */}
      {waits !== null && waits !== "size" && (
        <p>
          <BatchVerbs run={run} {...item} />
        </p>
      )}
      <p>
        <Copy text={partnerText(run, item)} label={t.copyForPartner} />
      </p>
      <dl class="facts">
        <Fact name={t.lines}>{count(item.lines)}</Fact>
        <Fact name={t.size}>{t.inflated(bytes(item.bytes.gzip), bytes(item.bytes.raw))}</Fact>
        <Fact name={t.digest}>
          <code class="digest">{item.digest}</code> <Copy text={item.digest} />
        </Fact>
        <Fact name={t.answer}>{item.answer_status === null ? UNKNOWN : `HTTP ${item.answer_status}`}</Fact>
        <Fact name={t.doneAt}>
          <Instant at={item.done_at} />
        </Fact>
        <Fact name={t.attempts}>{t.attemptsOf(count(item.attempts), count(item.counted_attempts))}</Fact>
        <Fact name={t.file}>
          <a href={`${home}/files?file=${item.file}`}>
            {t.placeInFile(count(item.file), count(item.ordinal + 1))}
          </a>
        </Fact>
        {item.parent !== null && (
          <Fact name={t.partOf}>
            <a href={`${home}/batches?batch=${item.parent}`}>{t.batchNumber(count(item.parent))}</a>
          </Fact>
        )}
        <Fact name={t.firstRay}>
          <code>{item.first_ray_id || UNKNOWN}</code>
        </Fact>
        <Fact name={t.lastRay}>
          <code>{item.last_ray_id || UNKNOWN}</code>
        </Fact>
        {item.assumed_not_delivered.map(({ status, attempts, lines }) => (
          <Fact key={status} name={t.assumed(String(status))}>
            {t.assumedCounts(count(attempts), count(lines))}
          </Fact>
        ))}
      </dl>
      <h3>{t.exceptional}</h3>
      {item.exceptional_attempts.length === 0 ? (
        <p class="quiet">{item.attempts === 0 ? t.notSent : t.noExceptional}</p>
      ) : (
        <Attempts attempts={item.exceptional_attempts} />
      )}
    </>
  );
}

function Attempts({ attempts }: { attempts: readonly AttemptItem[] }) {
  const t = texts.value.runLists;
  return (
    <Table
      label={t.exceptional}
      columns={[
        { key: "attempt", head: t.attempt, cell: ({ attempt }) => count(attempt) },
        { key: "state", head: t.state, cell: ({ state }) => t.attemptStates[state] },
        { key: "cause", head: t.cause, cell: ({ cause }) => <span title={cause}>{causeWord(cause)}</span> },
        { key: "began", head: t.began, cell: ({ started_at: at }) => <Instant at={at} /> },
        { key: "ended", head: t.ended, cell: ({ ended_at: at }) => <Instant at={at} /> },
        {
          key: "next",
          head: t.followedBy,
          isNumber: true,
          cell: ({ followed_by: next }) => (next === null ? UNKNOWN : count(next)),
        },
        {
          key: "detail",
          head: t.detail,
          cell: ({ detail }) => (
            <span class="clip wide" title={detail ?? undefined} lang="en">
              {detail}
            </span>
          ),
        },
      ]}
      rows={attempts}
      rowKey={({ attempt }) => attempt}
    />
  );
}
