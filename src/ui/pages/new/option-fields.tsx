// The fields that decide how a new run sends: the cap, the canary, uncertain batches, lines that the live worker
// delivered, the note, and rarely used options.
import type { Problem } from "../../api/problem.ts";
import { Field } from "../../parts/field.tsx";
import { bracketed } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { NumberField, type FieldsProps } from "./number-field.tsx";
import { OPTIONS } from "./run-form.ts";
import type { RunOption } from "./run-options.ts";
import { LiveFields, MoreLiveFields, UncertainField } from "./safety-fields.tsx";
import { useCap, useVar } from "./use-var.ts";

export function OptionFields(props: FieldsProps) {
  const t = texts.value.newRun;
  const { form, problem, onChange } = props;
  const hasPlan = form.from_plan !== "";
  return (
    <fieldset class="group">
      <legend>{t.sending}</legend>
      <div class="side-by-side">
        <NumberField
          {...props}
          label={t.cap}
          hint={t.capHint}
          name="max_lines_per_second"
          placeholder={useCap(form.receiver)}
        />
        <NumberField {...props} label={t.canary} hint={t.canaryHint} name="canary" placeholder={t.none} />
        <UncertainField {...props} />
      </div>
      {!hasPlan && form.receiver === "" && <LiveFields {...props} />}
      <Field label={t.note} hint={t.noteHint} pointer="#/note" problem={problem}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            maxLength={1_000}
            value={form.note}
            onInput={(event) => onChange({ note: event.currentTarget.value })}
          />
        )}
      </Field>
      <details open={isOfMore(problem) || undefined}>
        <summary>{t.more}</summary>
        <div class="side-by-side">
          {OPTIONS.filter(({ isInPlan, isMain }) => !isMain && !(hasPlan && isInPlan)).map((option) => (
            <MoreOption key={option.name} option={option} {...props} />
          ))}
          {!hasPlan && form.live !== "" && <MoreLiveFields {...props} />}
        </div>
      </details>
    </fieldset>
  );
}

/** Whether the API refused a value of a rarely used option. Its field must then be visible. */
function isOfMore(problem: Problem | null): boolean {
  const pointers = (problem?.errors ?? []).map(({ pointer = "" }) => pointer);
  const names = [
    ...OPTIONS.flatMap(({ name, isMain }) => (isMain ? [] : [name])),
    "live_batch_size",
    "live_waiting",
  ];
  return names.some((name) => pointers.some((pointer) => pointer.startsWith(`#/${name}`)));
}

/** A value of the API with its meaning. */
export function valueText(value: string): string {
  const words: Readonly<Record<string, string>> = texts.value.newRun.values;
  return Object.hasOwn(words, value) ? bracketed(value, words[value] ?? "") : value;
}

function MoreOption({ option, form, problem, onChange }: FieldsProps & { option: RunOption }) {
  const t = texts.value.newRun;
  const { name, kind, values = [], defaultVar } = option;
  const deployed = useVar(defaultVar ?? "");
  const value = form.options[name] ?? "";
  const set = (text: string) => onChange({ options: { ...form.options, [name]: text } });
  return (
    <Field label={t.options[name]} hint={<code>{name}</code>} pointer={`#/${name}`} problem={problem}>
      {(control) =>
        kind === "number" || kind === "hours" ? (
          <input
            {...control}
            inputMode={kind === "number" ? "numeric" : undefined}
            autocomplete="off"
            placeholder={kind === "hours" ? "01:00-07:00 Asia/Shanghai" : undefined}
            value={value}
            onInput={(event) => set(event.currentTarget.value)}
          />
        ) : (
          <select {...control} value={value} onChange={(event) => set(event.currentTarget.value)}>
            <option value="">
              {kind === "flag"
                ? t.no
                : defaultVar === undefined
                  ? valueText(values[0] ?? "")
                  : deployed || defaultVar}
            </option>
            {kind === "flag" ? (
              <option value="true">{t.yes}</option>
            ) : (
              values.slice(defaultVar === undefined ? 1 : 0).map((one) => (
                <option key={one} value={one}>
                  {valueText(one)}
                </option>
              ))
            )}
          </select>
        )
      }
    </Field>
  );
}
