// Shows in one block how it is known whether a line was sent twice, and what was not checked.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Fact } from "../../parts/detail.tsx";
import { texts } from "../../text/texts.ts";
import { twiceRows, twiceVerdict } from "./twice-rows.ts";

export function RunTwice({ run }: { run: RunStatusAnswer }) {
  const { value: verdict, isBad } = twiceVerdict(run);
  return (
    <section aria-labelledby="run-twice">
      <h2 id="run-twice">{texts.value.twice.title}</h2>
      <p class={isBad ? "tone-amber" : undefined}>{verdict}</p>
      <dl class="facts">
        {twiceRows(run).map((row) => (
          <Fact key={row.name} name={row.name}>
            {row.isBad ? <strong class="tone-amber">{row.value}</strong> : row.value}
          </Fact>
        ))}
      </dl>
    </section>
  );
}
