// The consent to send lines again. The receiver does not remove duplicates, so the person must type the window's
// date.
import { useState } from "preact/hooks";
import { Window } from "../../parts/instant.tsx";
import { Field } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { zone } from "../../state/settings.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { wallClock } from "../../text/time.ts";

/** An earlier run, and the part of the window that this run sent or may send. */
export interface Overlap {
  run: string;
  start: string;
  end: string;
}

/** The parts of the window that earlier runs cover. Instants of the API and of the form have the same format, so they
 * can be compared as text. */
export function sharedParts(
  overlaps: readonly Overlap[],
  { start, end }: { start: string; end: string },
): Overlap[] {
  return overlaps.map((one) => ({
    run: one.run,
    start: one.start > start ? one.start : start,
    end: one.end < end ? one.end : end,
  }));
}

export interface ConsentState {
  isWanted: boolean;
  typed: string;
  date: string;
  isGiven: boolean;
  /** True: the person chose to send lines again, but has not typed the date. */
  isIncomplete: boolean;
  want: (isWanted: boolean) => void;
  type: (typed: string) => void;
}

/** `start` is the start of the window, whose date must be typed. */
export function useConsent(start: string): ConsentState {
  const [isWanted, want] = useState(false);
  const [typed, type] = useState("");
  const date = wallClock(start, zone.value)?.date ?? start;
  const isTyped = typed.trim() === date;
  return {
    isWanted,
    typed,
    date,
    isGiven: isWanted && isTyped,
    isIncomplete: isWanted && !isTyped,
    want,
    type,
  };
}

export function Consent(props: {
  overlaps: readonly Overlap[];
  /** How many files of the window the live worker delivered. */
  deliveredFiles: number;
  consent: ConsentState;
}) {
  const t = texts.value.newRun;
  const parts = texts.value.parts;
  const { overlaps, deliveredFiles, consent } = props;
  return (
    <Notice tone="amber" title={t.overlapTitle}>
      <ul>
        {deliveredFiles > 0 && <li>{t.liveDelivered(count(deliveredFiles))}</li>}
        {overlaps.map(({ run, start, end }) => (
          <li key={`${run} ${start}`}>
            {t.shared} <Window start={start} end={end} /> ·{" "}
            <a href={`/ui/runs/${run}`}>
              <code>{run}</code>
            </a>
          </li>
        ))}
      </ul>
      <label class="check">
        <input
          type="checkbox"
          checked={consent.isWanted}
          onChange={(event) => consent.want(event.currentTarget.checked)}
        />{" "}
        {t.sendAgain}
      </label>
      {consent.isWanted && (
        <Field
          label={parts.typeDate(consent.date)}
          error={consent.typed !== "" && consent.isIncomplete ? parts.dateDiffers : null}
        >
          {(control) => (
            <input
              {...control}
              class="time"
              autocomplete="off"
              value={consent.typed}
              onInput={(event) => consent.type(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
    </Notice>
  );
}
