// /ui/runs lists all runs, newest first. New pages can follow this page's structure: its filters are in the
// address, and its data come from a list or a feed. Its texts come from the dictionary, and the rest are shared
// components.
import type { RunItem } from "../../contract/api/api-types.ts";
import { STAGE_CODES } from "../state/run-stage.ts";
import { paths } from "../api/paths.ts";
import { EmptyState } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";
import { PagedTable } from "../parts/paged-table.tsx";
import { ReceiverFilter } from "../parts/receiver-select.tsx";
import { TimeFilter } from "../parts/time-filter.tsx";
import { place, setQuery } from "../state/location.ts";
import { useList } from "../state/pages.ts";
import { hasSeveralReceivers } from "../state/receivers.ts";
import { isWorking } from "../state/run-stage.ts";
import { stageWord } from "../text/codes.ts";
import { texts } from "../text/texts.ts";
import { runColumns } from "./run-columns.tsx";
import { RunTotals } from "./run-totals.tsx";

export function RunsPage() {
  const t = texts.value.runs;
  const { query } = place.value;
  const filter = readFilter(query);
  const list = useList<RunItem>(`runs ${JSON.stringify(filter)}`, {
    path: (cursor, limit) => paths.runs({ ...filter, cursor, limit }),
    works: (rows) => rows.some(({ stage_code }) => isWorking(stage_code)),
  });
  const isFiltered = Object.values(filter).some((value) => value !== null);
  return (
    <Page title={t.title}>
      <RunTotals receiver={filter.receiver} />
      <search class="filters">
        <label>
          {t.stage}{" "}
          <select
            value={filter.stage ?? ""}
            onChange={(event) => setQuery({ stage: event.currentTarget.value })}
          >
            <option value="">{t.anyStage}</option>
            {STAGE_CODES.map((stage) => (
              <option key={stage} value={stage}>
                {stageWord(stage)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t.exceptions}{" "}
          <select
            value={filter.exceptions ?? ""}
            onChange={(event) => setQuery({ exceptions: event.currentTarget.value })}
          >
            <option value="">{t.anyExceptions}</option>
            <option value="true">{t.withExceptions}</option>
            <option value="false">{t.withoutExceptions}</option>
          </select>
        </label>
        {(hasSeveralReceivers.value || filter.receiver !== null) && (
          <ReceiverFilter
            value={filter.receiver ?? ""}
            all={t.anyReceiver}
            onChange={(receiver) => setQuery({ receiver })}
          />
        )}
        <TimeFilter label={t.since} value={filter.since} onChange={(since) => setQuery({ since })} />
        <TimeFilter label={t.until} value={filter.until} onChange={(until) => setQuery({ until })} />
        {isFiltered && (
          <button
            type="button"
            onClick={() =>
              setQuery({ stage: null, exceptions: null, receiver: null, since: null, until: null })
            }
          >
            {t.clear}
          </button>
        )}
      </search>
      <PagedTable
        label={t.table}
        list={list}
        columns={runColumns(t)}
        rowKey={({ id }) => id}
        empty={
          <EmptyState title={isFiltered ? t.noneMatch : t.noneYet}>
            {!isFiltered && <a href="/ui/coverage">{texts.value.home.toCoverage}</a>}
          </EmptyState>
        }
      />
    </Page>
  );
}

/** The page does not check the values. If one is wrong, the API refuses it and the page shows the refusal. */
function readFilter(query: string) {
  const search = new URLSearchParams(query);
  return {
    stage: search.get("stage"),
    exceptions: search.get("exceptions"),
    receiver: search.get("receiver"),
    since: search.get("since"),
    until: search.get("until"),
  };
}
