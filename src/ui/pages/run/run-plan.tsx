// Shows the plan of a dry run. For a run that replays a plan, shows how the bucket differs from the plan.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Copy } from "../../parts/copy.tsx";
import { Notice } from "../../parts/notice.tsx";
import { explainReason } from "../../text/codes.ts";
import { count } from "../../text/numbers.ts";
import { sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";

export function RunPlan({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const words = texts.value.runPlan;
  const { plan } = run;
  if (plan === null) return null;
  return (
    <section aria-labelledby="run-plan">
      <h2 id="run-plan">{words.title}</h2>
      {"compared" in plan ? (
        <>
          <p>
            {words.compared[plan.compared]} · {words.hash} <code class="digest">{plan.hash}</code>
          </p>
          {plan.compared === "outdated" && (
            <Notice tone="red">
              <p>
                {words.differs(count(plan.new.count), count(plan.changed.count), count(plan.missing.count))}
              </p>
              <ul>
                {[...plan.new.keys, ...plan.changed.keys, ...plan.missing.keys].map((key) => (
                  <li key={key}>
                    <code>{key}</code>
                  </li>
                ))}
              </ul>
            </Notice>
          )}
        </>
      ) : (
        <>
          <dl class="facts across">
            <div>
              <dt>{t.filesRaw}</dt>
              <dd>{count(plan.files)}</dd>
            </div>
            <div>
              <dt>{words.batches}</dt>
              <dd>{count(plan.batches)}</dd>
            </div>
            <div>
              <dt>{t.kept}</dt>
              <dd>{count(plan.lines)}</dd>
            </div>
            <div>
              <dt>{words.minutes}</dt>
              <dd>{plan.minutes_at_cap.toFixed(1)}</dd>
            </div>
          </dl>
          {plan.hash !== null && (
            <p>
              {words.hash} <code class="digest">{plan.hash}</code> <Copy text={plan.hash} />
            </p>
          )}
          {plan.asks.map(({ code, detail }) => (
            <Notice key={code} tone="amber">
              <p>
                {sentences(...(explainReason(code) ?? []))} <code>{code}</code>{" "}
                <span lang="en" class="quiet">
                  {detail}
                </span>
              </p>
            </Notice>
          ))}
        </>
      )}
    </section>
  );
}
