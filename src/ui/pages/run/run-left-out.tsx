// Shows the records that neither the live worker delivered nor the run sends, because they lie outside the run's window.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Instant } from "../../parts/instant.tsx";
import { Notice } from "../../parts/notice.tsx";
import { newRunOfWindow } from "../../state/new-run-link.ts";
import { zone } from "../../state/settings.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { windowText } from "../../text/time.ts";

export function RunLeftOut({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.closed;
  const leftOut = run.live?.outside_not_delivered;
  if (!leftOut) return null;
  const { before, after, first, last, windows } = leftOut;
  return (
    <Notice tone="amber" title={t.leftOut(count(before + after))}>
      <p>
        {t.leftOutTimes} <Instant at={first} />
        {first !== last && (
          <>
            {" "}
            – <Instant at={last} />
          </>
        )}
      </p>
      <p>{t.leftOutHint}</p>
      <p class="together">
        {windows.map((window) => (
          <a key={window.start} class="button" href={newRunOfWindow(window, true)}>
            {t.planLeftOut(
              `${windowText(window.start, window.end, zone.value)} ${texts.value.units[zone.value]}`,
            )}
          </a>
        ))}
      </p>
    </Notice>
  );
}
