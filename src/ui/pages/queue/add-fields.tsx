// The fields of the form for adding windows.
import type { Problem } from "../../api/problem.ts";
import { Field } from "../../parts/field.tsx";
import { Window } from "../../parts/instant.tsx";
import { Switch } from "../../parts/switch.tsx";
import { TimeFilter } from "../../parts/time-filter.tsx";
import { now } from "../../state/poller.ts";
import { zone } from "../../state/settings.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { exampleTime } from "../../text/time.ts";
import type { AddForm } from "./add-request.ts";
import type { ReadWindow } from "./read-window-lines.ts";

/** Only the first receiver has holes, because the live worker delivers only to this receiver. */
const WHATS = ["windows", "range", "holes"] as const;

interface FieldsProps {
  form: AddForm;
  change: (part: Partial<AddForm>) => void;
  problem: Problem | null;
}

export function WhatFields(
  props: FieldsProps & { linesError: string | null; windows: readonly ReadWindow[] },
) {
  const t = texts.value.queue;
  const { form, change, problem } = props;
  const zoneWord = texts.value.units[zone.value];
  const hasHoles = form.receiver === null;
  return (
    <>
      <p>
        <Switch
          label={t.what}
          chosen={form.what}
          onChoose={(what) => change({ what })}
          values={(hasHoles ? WHATS : WHATS.slice(0, -1)).map((value) => ({ value, text: t.whats[value] }))}
        />
      </p>
      {form.what === "windows" && (
        <>
          <Field
            label={t.lines}
            hint={t.linesHint(zoneWord)}
            pointer="#/windows"
            problem={problem}
            error={props.linesError}
          >
            {(control) => (
              <textarea
                {...control}
                rows={5}
                value={form.lines}
                placeholder={`${exampleTime(now.value, zone.value)} – 23:00`}
                onInput={(event) => change({ lines: event.currentTarget.value })}
              />
            )}
          </Field>
          {props.windows.length > 0 && <ReadBack windows={props.windows} />}
        </>
      )}
      {form.what === "range" && <RangeFields {...props} />}
      {form.what === "holes" && (
        <div class="filters">
          <TimeFilter label={t.from} value={form.from} onChange={(from) => change({ from })} />
          <TimeFilter label={t.until} value={form.until} onChange={(until) => change({ until })} />
        </div>
      )}
      <div class="filters">
        {hasHoles && (
          <Choice label={t.live} value={form.live} texts={t.lives} onChange={(live) => change({ live })} />
        )}
        <label>
          <input
            type="checkbox"
            checked={form.skipSent}
            onChange={(event) => change({ skipSent: event.currentTarget.checked })}
          />{" "}
          {t.skipSent}
        </label>
      </div>
    </>
  );
}

const SHOWN = 10;

/** Shows how the page understood the typed windows. The person sees a wrong zone before the windows are sent. */
function ReadBack({ windows }: { windows: readonly ReadWindow[] }) {
  const t = texts.value.queue;
  return (
    <>
      <p class="quiet">{t.read(count(windows.length))}</p>
      <ul class="holes">
        {windows.slice(0, SHOWN).map(({ start, end }) => (
          <li key={`${start} ${end}`}>
            <Window start={start} end={end} isEndOutside />
          </li>
        ))}
        {windows.length > SHOWN && <li>…</li>}
      </ul>
    </>
  );
}

function RangeFields({ form, change, problem }: FieldsProps) {
  const t = texts.value.queue;
  return (
    <>
      <Field label={t.length} hint={t.lengthHint} pointer="#/last" problem={problem}>
        {(control) => (
          <span class="row-verbs">
            <input
              {...control}
              class="short"
              inputMode="numeric"
              value={form.length}
              onInput={(event) => change({ length: event.currentTarget.value.trim() })}
            />
            <Switch
              label={t.length}
              chosen={form.unit}
              onChoose={(unit) => change({ unit })}
              values={(["d", "h"] as const).map((value) => ({ value, text: t.unitsOf[value] }))}
            />
          </span>
        )}
      </Field>
      <Field label={t.chunk} pointer="#/chunk" problem={problem}>
        {(control) => (
          <input
            {...control}
            class="short"
            inputMode="numeric"
            value={form.chunkHours}
            onInput={(event) => change({ chunkHours: event.currentTarget.value.trim() })}
          />
        )}
      </Field>
      <div class="filters">
        <Choice
          label={t.sequence}
          value={form.order}
          texts={t.sequences}
          onChange={(order) => change({ order })}
        />
      </div>
    </>
  );
}

export function MoreOptions({ form, change, problem }: FieldsProps) {
  const t = texts.value.queue;
  const numberField = (
    label: string,
    pointer: string,
    name: "liveBatchSize" | "cap" | "priority",
    hint?: string,
  ) => (
    <Field label={label} pointer={pointer} problem={problem} hint={hint}>
      {(control) => (
        <input
          {...control}
          class="short"
          inputMode="numeric"
          value={form[name]}
          onInput={(event) => change({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  // Unfolds the options if one of them has an error.
  const isOpen = problem?.errors?.some(({ pointer = "" }) => /options|priority|not_before/.test(pointer));
  return (
    <details open={isOpen === true || problem?.code === "live_batch_size_needed"}>
      <summary>{t.more}</summary>
      {numberField(t.cap, "#/options/max_lines_per_second", "cap")}
      {numberField(t.priority, "#/priority", "priority", t.priorityHint)}
      {form.live === "skip_delivered" &&
        numberField(t.liveBatch, "#/options/live_batch_size", "liveBatchSize")}
      <div class="filters">
        <TimeFilter
          label={t.notBefore}
          value={form.notBefore}
          onChange={(notBefore) => change({ notBefore })}
        />
      </div>
    </details>
  );
}

function Choice<T extends string>(props: {
  label: string;
  value: T;
  texts: Readonly<Record<T, string>>;
  onChange: (value: T) => void;
}) {
  return (
    <label>
      {props.label}{" "}
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value as T)}>
        {Object.entries<string>(props.texts).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
