// /ui/ shows which runs need a person, what the live worker did not deliver in the last 24 hours, and the latest
// runs.
import { paths } from "../api/paths.ts";
import { Loaded } from "../parts/loaded.tsx";
import { EmptyState } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { calmOf } from "../state/calm.ts";
import { useCoverageOfDay } from "../state/coverage-feed.ts";
import { useFeed } from "../state/feed.ts";
import { isWorking } from "../state/run-stage.ts";
import { texts } from "../text/texts.ts";
import { CoverageOfDay } from "./coverage-of-day.tsx";
import { NeedsYou } from "./needs-you.tsx";
import { runColumns } from "./run-columns.tsx";

const LATEST = 10;

export function HomePage() {
  const t = texts.value.home;
  const latest = useFeed(paths.runs({ limit: LATEST }), {
    works: ({ items }) => items.some(({ stage_code }) => isWorking(stage_code)),
  });
  return (
    <Page title={t.title}>
      <NeedsYou />
      <CoverageOfDay />
      <section aria-labelledby="latest">
        <h2 id="latest">{t.latest}</h2>
        <Loaded feed={latest}>
          {({ items }) =>
            items.length === 0 ? (
              <NoRun />
            ) : (
              <>
                <Table
                  label={t.latest}
                  columns={runColumns(texts.value.runs)}
                  rows={items}
                  rowKey={({ id }) => id}
                />
                <p class="paging">
                  <a href="/ui/runs">{t.allRuns}</a>
                </p>
              </>
            )
          }
        </Loaded>
      </section>
    </Page>
  );
}

/** Shown only when Coverage has looked at the whole day. Before that, a hole may appear that leads to the first run. */
function NoRun() {
  const t = texts.value.home;
  const coverage = useCoverageOfDay();
  if (calmOf(coverage?.data.value ?? null, coverage?.problem.value != null) === "looking")
    return <p class="quiet">{t.coverageLooking}</p>;
  return (
    <EmptyState title={t.noRunEver}>
      <a href="/ui/coverage">{t.toCoverage}</a>
    </EmptyState>
  );
}
