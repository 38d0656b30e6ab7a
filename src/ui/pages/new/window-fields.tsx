// The window of a new run. The person types it in one zone and sees it in both. If it comes from a hole, the person
// chooses between the windows of the hole.
import type { Problem } from "../../api/problem.ts";
import { duration } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { windowText, ZONES } from "../../text/time.ts";
import type { RunForm } from "./run-form.ts";
import { TimeField } from "./time-field.tsx";
import { WindowChoices } from "./window-choices.tsx";

interface Props {
  form: RunForm;
  /** The parameters of the page's address. They contain the windows of a hole. */
  query: URLSearchParams;
  problem: Problem | null;
  wasSubmitted: boolean;
  onChange: (changes: Partial<RunForm>) => void;
}

export function WindowFields(props: Props) {
  const t = texts.value.newRun;
  const { form, problem, wasSubmitted, onChange } = props;
  return (
    <fieldset class="group">
      <legend>{t.window}</legend>
      <WindowChoices form={form} query={props.query} onChange={onChange} />
      <div class="side-by-side">
        <TimeField
          label={t.start}
          pointer="#/start"
          value={form.start}
          problem={problem}
          isNeeded={wasSubmitted}
          onChange={(start) => onChange({ start })}
        />
        <TimeField
          label={t.end}
          pointer="#/end"
          value={form.end}
          problem={problem}
          isNeeded={wasSubmitted}
          onChange={(end) => onChange({ end })}
        />
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={form.end_exclusive !== "true"}
          onChange={(event) => onChange({ end_exclusive: event.currentTarget.checked ? "" : "true" })}
        />{" "}
        {t.inclusive}
      </label>
      <Echo form={form} />
    </fieldset>
  );
}

/** The window in both zones. A person who typed it in the wrong zone sees this before the replay. */
function Echo({ form: { start, end, end_exclusive: exclusive } }: { form: RunForm }) {
  const t = texts.value.newRun;
  if (start === "" || end === "") return null;
  const seconds = (Date.parse(end) - Date.parse(start)) / 1_000;
  return (
    <p class="echo">
      {ZONES.map((one) => (
        <span key={one} class="nowrap">
          {windowText(start, end, one)} <span class="zone">{texts.value.units[one]}</span>
        </span>
      ))}
      <span>
        {duration(seconds)}, {exclusive === "true" ? t.endOutside : t.endInside}
      </span>
    </p>
  );
}
