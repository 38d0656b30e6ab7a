// The fields that decide how a new run sends: the cap, the canary, lines that the live worker delivered, the note,
// and rarely used options.
import type { Problem } from "../../api/problem.ts";
import { Field } from "../../parts/field.tsx";
import { useFeed } from "../../state/feed.ts";
import { system } from "../../state/frame-feeds.ts";
import { texts } from "../../text/texts.ts";
import { OPTIONS, type RunForm } from "./run-form.ts";
import type { RunOption } from "./run-options.ts";

interface Props {
  form: RunForm;
  problem: Problem | null;
  onChange: (changes: Partial<RunForm>) => void;
}

/** The value of a var, as the placeholder of a field. "" if it is not known or not set. */
function useVar(name: string): string {
  const view = useFeed(system.path)?.data.value;
  return view?.vars.find((one) => one.name === name)?.value ?? "";
}

export function OptionFields(props: Props) {
  const t = texts.value.newRun;
  const { form, problem, onChange } = props;
  const hasPlan = form.from_plan !== "";
  return (
    <fieldset class="group">
      <legend>{t.sending}</legend>
      <div class="side-by-side">
        <NumberField
          label={t.cap}
          hint={t.capHint}
          name="max_lines_per_second"
          placeholder={useVar("MAX_LINES_PER_SECOND")}
          {...props}
        />
        <NumberField label={t.canary} hint={t.canaryHint} name="canary" placeholder={t.none} {...props} />
      </div>
      {!hasPlan && <LiveFields {...props} />}
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
          {OPTIONS.filter(({ isInPlan }) => !(hasPlan && isInPlan)).map((option) => (
            <MoreOption key={option.name} option={option} {...props} />
          ))}
        </div>
      </details>
    </fieldset>
  );
}

/** Whether the API refused a value of a rarely used option. Its field must then be visible. */
function isOfMore(problem: Problem | null): boolean {
  const pointers = (problem?.errors ?? []).map(({ pointer = "" }) => pointer);
  return OPTIONS.some(({ name }) => pointers.some((pointer) => pointer.startsWith(`#/${name}`)));
}

function LiveFields(props: Props) {
  const t = texts.value.newRun;
  const { form, problem, onChange } = props;
  const known = useVar("LIVE_BATCH_SIZE");
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={form.live !== ""}
          onChange={(event) => onChange({ live: event.currentTarget.checked ? "skip_delivered" : "" })}
        />{" "}
        {t.skipLive}
      </label>
      {form.live !== "" && (
        <div class="side-by-side">
          <NumberField label={t.liveBatch} name="live_batch_size" placeholder={known} {...props} />
          <Field label={t.liveWaiting} pointer="#/live_waiting" problem={problem}>
            {(control) => (
              <select
                {...control}
                value={form.live_waiting}
                onChange={(event) => onChange({ live_waiting: event.currentTarget.value })}
              >
                <option value="">hold</option>
                <option value="send">send</option>
              </select>
            )}
          </Field>
        </div>
      )}
    </>
  );
}

function NumberField(
  props: Props & {
    label: string;
    hint?: string;
    name: "max_lines_per_second" | "canary" | "live_batch_size";
    placeholder: string;
  },
) {
  return (
    <Field label={props.label} hint={props.hint} pointer={`#/${props.name}`} problem={props.problem}>
      {(control) => (
        <input
          {...control}
          inputMode="numeric"
          autocomplete="off"
          placeholder={props.placeholder}
          value={props.form[props.name]}
          onInput={(event) => props.onChange({ [props.name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

function MoreOption({ option, form, problem, onChange }: Props & { option: RunOption }) {
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
              {kind === "flag" ? t.no : defaultVar === undefined ? values[0] : deployed || defaultVar}
            </option>
            {kind === "flag" ? (
              <option value="true">{t.yes}</option>
            ) : (
              values.slice(defaultVar === undefined ? 1 : 0).map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))
            )}
          </select>
        )
      }
    </Field>
  );
}
