// Lists the windows that may become holes: nothing was delivered so far, and the raw files are too young to judge.
import type { PossibleHole } from "../../contract/api/api-types.ts";
import { POSSIBLE } from "../state/possible-holes.ts";
import { count } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";
import { cellText } from "./cell-strip.tsx";
import { Window } from "./instant.tsx";

/** `onShow` makes each window a button. */
export function PossibleHoles(props: { of: readonly PossibleHole[]; onShow?: (hole: PossibleHole) => void }) {
  const { of: holes, onShow } = props;
  const t = texts.value.coverage;
  if (holes.length === 0) return null;
  return (
    <>
      <p>{t.possible(count(holes.length))}</p>
      <ul class="holes">
        {holes.map((hole) => {
          const window = <Window start={hole.start} end={hole.end} isEndOutside />;
          return (
            <li key={hole.start}>
              {onShow ? (
                <button type="button" class="small" title={t.show} onClick={() => onShow(hole)}>
                  {window}
                </button>
              ) : (
                window
              )}{" "}
              · {cellText(POSSIBLE, hole.judged_at)}
            </li>
          );
        })}
      </ul>
    </>
  );
}
