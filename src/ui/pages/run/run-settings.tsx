// The limits that a person may change, and the specification that never changes. Each limit has its name, and
// its name in the API.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { texts } from "../../text/texts.ts";

export function RunSettings({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const limits = Object.entries(run.limits);
  const frozen = Object.entries(run.spec).filter(([name]) => !Object.hasOwn(run.limits, name));
  return (
    <section aria-labelledby="run-settings">
      <h2 id="run-settings">{t.settings}</h2>
      <Values rows={limits} />
      <details>
        <summary>{t.frozen}</summary>
        <Values rows={frozen} />
      </details>
    </section>
  );
}

function Values({ rows }: { rows: readonly (readonly [string, unknown])[] }) {
  const names: Readonly<Record<string, string>> = texts.value.limitNames;
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <>
          <dt key={`${name}-name`}>
            {Object.hasOwn(names, name) && names[name]} <code>{name}</code>
          </dt>
          <dd key={name}>
            <code class="prose">{shown(name, value)}</code>
          </dd>
        </>
      ))}
    </dl>
  );
}

function shown(name: string, value: unknown): string {
  const t = texts.value.run;
  if (value === null)
    return name === "send_between" ? t.anyTime : /^max_|daily_/.test(name) ? t.noCap : "null";
  return typeof value === "string" ? value : JSON.stringify(value);
}
