// Totals over the runs of the last day, week and month: lines, exceptions, bytes and cost.
import type { StatsAnswer } from "../../contract/api/api-types.ts";
import { paths, queryText } from "../api/paths.ts";
import { Table, type Column } from "../parts/table.tsx";
import { CELL_MS_OF_PAGE, isoInstant } from "../state/coverage-range.ts";
import { useFeed } from "../state/feed.ts";
import { now } from "../state/poller.ts";
import { bytes, count, UNKNOWN } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";

const DAY_MS = 86_400_000;
/** How often the page requests the totals, in ms. */
const TOTALS_MS = 60_000;

/** A range in days, until now. The API allows at most 400. */
type Days = 1 | 7 | 30;

interface Row {
  days: Days;
  /** Null: not answered yet. */
  totals: StatsAnswer | null;
}

/** `receiver`: the receiver whose runs count. Null: the runs of all receivers count. */
export function RunTotals({ receiver }: { receiver: string | null }) {
  const t = texts.value.runs;
  const rows = [useTotals(1, receiver), useTotals(7, receiver), useTotals(30, receiver)];
  return (
    <section aria-labelledby="run-totals">
      <h2 id="run-totals">{t.totals}</h2>
      <Table isNarrow label={t.totals} columns={columns(receiver)} rows={rows} rowKey={({ days }) => days} />
      <p class="quiet">{t.totalsHint}</p>
    </section>
  );
}

function useTotals(days: Days, receiver: string | null): Row {
  const feed = useFeed(paths.stats({ since: sinceOf(days), receiver }), { slowestMs: TOTALS_MS });
  return { days, totals: feed?.data.value ?? null };
}

/** The range begins with a cell of five minutes, so that the address stays the same in between. */
function sinceOf(days: number): string {
  return isoInstant(Math.floor(now.value / CELL_MS_OF_PAGE) * CELL_MS_OF_PAGE - days * DAY_MS);
}

function columns(receiver: string | null): Column<Row>[] {
  const t = texts.value.runs;
  return [
    {
      key: "range",
      head: t.totalsRange,
      cell: ({ days }) => (
        <a href={`/ui/runs${queryText({ since: sinceOf(days), receiver })}`}>{t.lastDays[days]}</a>
      ),
    },
    number("runs", t.title, ({ runs }) => count(runs.all)),
    number("delivered", t.totalsDelivered, ({ runs }) => count(runs.delivered)),
    number("lines", t.lines, ({ log_lines_sent: lines }) => count(lines)),
    number("twice", t.totalsTwice, (totals) => count(totals.possible_duplicate_lines)),
    number("exceptions", t.exceptions, ({ exceptions }) => count(exceptions)),
    number("read", t.totalsRead, (totals) => bytes(totals.bytes.read)),
    number("sent", t.totalsSent, (totals) => bytes(totals.bytes.sent)),
    number("cost", t.totalsCost, ({ cost_usd: cost }) => cost.toFixed(4)),
  ];
}

function number(key: string, head: string, text: (totals: StatsAnswer) => string): Column<Row> {
  return { key, head, isNumber: true, cell: ({ totals }) => (totals === null ? UNKNOWN : text(totals)) };
}
