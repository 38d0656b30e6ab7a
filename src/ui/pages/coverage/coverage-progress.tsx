// Shows how much of the range has been checked. A cell that has not been checked does not show whether
// its lines were delivered.
import type { CoverageAnswer } from "../../../contract/api/api-types.ts";
import { Instant } from "../../parts/instant.tsx";
import { Notice } from "../../parts/notice.tsx";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

export function CoverageProgress({ view }: { view: CoverageAnswer }) {
  const t = texts.value.coverage;
  const { raw, presence, exact } = view.progress;
  const done = raw[0] + presence[0] + exact[0];
  const wanted = raw[1] + presence[1] + exact[1];
  return (
    <>
      {view.live.seen === false && (
        <Notice tone="plain" title={t.noLive}>
          <p lang="en">{view.live.note}</p>
        </Notice>
      )}
      <p class="coverage-state">
        {view.complete ? (
          <span class="quiet">
            {t.complete} <Instant at={view.as_of} />
          </span>
        ) : (
          <>
            <progress max={Math.max(1, wanted)} value={done} aria-label={t.looking} />{" "}
            <strong>{t.looking}</strong>{" "}
            <span class="quiet">
              {[
                t.rawHours(count(raw[0]), count(raw[1])),
                t.presenceHours(count(presence[0]), count(presence[1])),
                ...(exact[1] > 0 ? [t.exactHours(count(exact[0]), count(exact[1]))] : []),
              ].join(" · ")}
            </span>
          </>
        )}{" "}
        {view.oldest_evidence !== null && (
          <span class="quiet">
            {t.oldest} <Instant at={view.oldest_evidence} />
          </span>
        )}
      </p>
    </>
  );
}
