// A field for an instant, typed in the chosen zone. The address contains the instant in UTC.
import { useEffect, useState } from "preact/hooks";
import { now } from "../state/poller.ts";
import { zone } from "../state/settings.ts";
import { texts } from "../text/texts.ts";
import { exampleTime, instantText, readWallClock } from "../text/time.ts";

export function TimeFilter(props: {
  label: string;
  value: string | null;
  onChange: (instant: string | null) => void;
}) {
  const t = texts.value.runs;
  const shown = props.value === null ? "" : instantText(props.value, zone.value);
  const [typed, setTyped] = useState(shown);
  const [isWrong, setWrong] = useState(false);
  useEffect(() => {
    setTyped(shown);
    setWrong(false);
  }, [shown]);
  const commit = () => {
    if (typed === shown) return setWrong(false);
    const instant = typed.trim() === "" ? null : readWallClock(typed, zone.value);
    setWrong(instant === null && typed.trim() !== "");
    if (instant !== null || typed.trim() === "") props.onChange(instant);
  };
  return (
    <label>
      {props.label}{" "}
      <input
        class="time"
        value={typed}
        placeholder={exampleTime(now.value, zone.value)}
        aria-invalid={isWrong ? "true" : undefined}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
        }}
      />{" "}
      <span class="zone">{texts.value.units[zone.value]}</span>
      {isWrong && (
        <span class="error" role="alert">
          {" "}
          {t.badTime}
        </span>
      )}
    </label>
  );
}
