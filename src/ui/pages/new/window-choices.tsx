// The windows of the hole or selection from which the person came. Each is a button that fills the form.
import { readEdge, WINDOW_NAMES, type Span, type WindowName } from "../../state/new-run-link.ts";
import { zone } from "../../state/settings.ts";
import { texts } from "../../text/texts.ts";
import { windowText } from "../../text/time.ts";
import type { RunForm } from "./run-form.ts";

interface Choice extends Span {
  name: WindowName;
}

export function WindowChoices(props: {
  form: RunForm;
  /** The parameters of the page's address. They contain the windows. */
  query: URLSearchParams;
  onChange: (changes: Partial<RunForm>) => void;
}) {
  const t = texts.value.newRun;
  const { form, query, onChange } = props;
  const choices = choicesOf(query);
  // Holes are parts that the live worker did not deliver to the first receiver.
  if (choices.length === 0 || form.receiver !== "") return null;
  return (
    <fieldset class="window-choices">
      <legend>{t.windowsOfHole}</legend>
      {choices.map(({ name, start, end }) => (
        <p key={name}>
          <button
            type="button"
            aria-pressed={form.start === start && form.end === end && form.end_exclusive === "true"}
            aria-describedby={`window-${name}`}
            onClick={() => onChange({ start, end, end_exclusive: "true" })}
          >
            {windowText(start, end, zone.value)} {texts.value.units[zone.value]}
          </button>{" "}
          <span id={`window-${name}`}>
            <strong>{t.windowNames[name]}</strong>{" "}
            {name === "outer" && <span class="tag">{t.recommended}</span>}{" "}
            <span class="quiet">
              {name === "outer" && form.live === "" ? t.outerSendsTwice : t.windowMeanings[name]}
            </span>
          </span>
        </p>
      ))}
    </fieldset>
  );
}

/** The windows from which a person can choose. Two windows that are equal are one choice. */
function choicesOf(query: URLSearchParams): Choice[] {
  const choices: Choice[] = [];
  for (const name of WINDOW_NAMES) {
    const span = readEdge(query.get(name));
    if (span && !choices.some(({ start, end }) => start === span.start && end === span.end))
      choices.push({ name, ...span });
  }
  return choices;
}
