// A field for an instant, typed in the chosen zone. RFC 3339 with an offset is accepted too. The form stores the
// instant in UTC, or "" while the text is not an instant.
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../api/problem.ts";
import { Field } from "../../parts/field.tsx";
import { isoInstant } from "../../state/coverage-range.ts";
import { now } from "../../state/poller.ts";
import { zone } from "../../state/settings.ts";
import { bracketed } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { exampleTime, instantText, readWallClock, type Zone } from "../../text/time.ts";

export function TimeField(props: {
  label: string;
  pointer: string;
  value: string;
  problem: Problem | null;
  /** True: the form was submitted, so an empty field is an error. */
  isNeeded: boolean;
  onChange: (instant: string) => void;
}) {
  const { value } = props;
  const shown = value === "" ? "" : instantText(value, zone.value);
  const [typed, setTyped] = useState(shown);
  // If the zone or the value changed from outside, the text is written anew in the same render as the label.
  // Otherwise the text stays as the person types it.
  const isStale = value !== "" && readTime(typed, zone.value) !== readTime(value, zone.value);
  const text = isStale ? shown : typed;
  useEffect(() => setTyped(text), [text]);
  const isWrong = readTime(text, zone.value) === null && (text.trim() !== "" || props.isNeeded);
  return (
    <Field
      label={bracketed(props.label, texts.value.units[zone.value])}
      pointer={props.pointer}
      problem={props.problem}
      error={isWrong && props.isNeeded ? texts.value.runs.badTime : null}
    >
      {(control) => (
        <input
          {...control}
          class="time"
          value={text}
          autocomplete="off"
          placeholder={exampleTime(now.value, zone.value)}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            props.onChange(readTime(event.currentTarget.value, zone.value) ?? "");
          }}
        />
      )}
    </Field>
  );
}

function readTime(text: string, shown: Zone): string | null {
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(text.trim())) return readWallClock(text, shown);
  const ms = Date.parse(text.trim());
  return Number.isFinite(ms) ? isoInstant(ms) : null;
}
