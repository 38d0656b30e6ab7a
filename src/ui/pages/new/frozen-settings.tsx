// Shows the settings that a run from a plan keeps until its end: which lines the plan contains, and how the run sends
// them.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { count } from "../../text/numbers.ts";
import { listed } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { valueText } from "./option-fields.tsx";
import type { RunBody } from "./run-form.ts";
import { OPTIONS, textOfMember } from "./run-form.ts";
import { useCap } from "./use-var.ts";

type Row = readonly [name: string, value: string];

export function FrozenSettings({ spec, body }: { spec: RunStatusAnswer["spec"]; body: RunBody }) {
  const t = texts.value.newRun;
  const deployed = useCap(spec.receiver_name ?? "");
  const given = (name: string, otherwise: string) => textOfMember(body[name]) || otherwise;
  const isSkipping = spec.live === "skip_delivered";
  const ofLines: Row[] = [
    [t.skipLive, isSkipping ? t.yes : t.no],
    ...(isSkipping
      ? ([
          [t.liveBatch, String(spec.live_batch_size)],
          [t.liveWaiting, valueText(String(spec.live_waiting))],
        ] as Row[])
      : []),
    [t.options.format, spec.format],
    [t.options.batch_size, String(spec.batch_size)],
    [t.options.dedupe, valueText(spec.dedupe)],
    [t.options.on_corrupt, valueText(spec.on_corrupt)],
    [t.planSettings.top_level_parent_ray_ids, JSON.stringify(spec.top_level_parent_ray_ids)],
    [t.planSettings.folders, spec.folders.length === 0 ? t.none : listed(spec.folders)],
    [t.planSettings.max_suspect_ratio, String(spec.max_suspect_ratio ?? "—")],
  ];
  const ofSending: Row[] = [
    ...(spec.receiver_name === undefined
      ? []
      : ([[texts.value.frame.receiver, spec.receiver_name]] as Row[])),
    [t.receiverKind, spec.receiver?.kind ?? "ctyun"],
    [t.cap, count(Number(given("max_lines_per_second", deployed)) || null)],
    [t.canary, given("canary", t.none)],
    [
      t.options.on_uncertain,
      given("on_uncertain", "resend") === "hold" ? t.uncertainHold : t.uncertainResend,
    ],
    ...OPTIONS.filter(({ name, isMain }) => !isMain && body[name] !== undefined).map(({ name }): Row => [
      t.options[name],
      textOfMember(body[name]),
    ]),
  ];
  return (
    <section aria-labelledby="frozen">
      <h2 id="frozen">{t.frozen}</h2>
      <div class="columns">
        <Rows title={t.frozenLines} rows={ofLines} />
        <Rows title={t.frozenSending} rows={ofSending} />
      </div>
      <p class="quiet">{t.frozenRest}</p>
    </section>
  );
}

function Rows({ title, rows }: { title: string; rows: readonly Row[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <>
            <dt key={`${name} name`}>{name}</dt>
            <dd key={name}>{value}</dd>
          </>
        ))}
      </dl>
    </div>
  );
}
