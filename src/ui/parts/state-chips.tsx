// Links that filter a list by state, with the number of rows of each state. The address contains the chosen state.
import type { ComponentChildren } from "preact";
import { changedQuery } from "../state/query.ts";
import { place } from "../state/location.ts";
import type { Tone } from "../state/run-stage.ts";
import { atLeast, count } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";
import { Badge } from "./stage-badge.tsx";

export function StateChips(props: {
  /** The number of rows of each state, from the API. */
  counts: Readonly<Record<string, number>>;
  word: (state: string) => string;
  tone: (state: string) => Tone;
  /** The states that the link "for a person" combines. */
  forPerson: readonly string[];
  /** How many rows need a person, if not all rows of these states do. `isExact` false: there may be more. */
  waiting?: { atLeast: number; isExact: boolean };
}) {
  const t = texts.value.runLists;
  const { counts } = props;
  const chosen = new URLSearchParams(place.value.query).get("state") ?? "";
  const sum = (states: readonly string[]) => states.reduce((total, state) => total + (counts[state] ?? 0), 0);
  const waiting = props.forPerson.join(",");
  const needed = props.waiting ?? { atLeast: sum(props.forPerson), isExact: true };
  const shown = Object.keys(counts).filter((state) => (counts[state] ?? 0) > 0 || chosen === state);
  return (
    <nav class="chips" aria-label={t.byState}>
      <Chip state="" chosen={chosen}>
        {t.all} <span class="quiet">{count(sum(Object.keys(counts)))}</span>
      </Chip>
      {(needed.atLeast > 0 || (!needed.isExact && sum(props.forPerson) > 0)) && (
        <Chip state={waiting} chosen={chosen}>
          <Badge tone="red">{t.needsYou}</Badge>{" "}
          <span class="quiet">{atLeast(needed.atLeast, needed.isExact)}</span>
        </Chip>
      )}
      {shown.map((state) => (
        <Chip key={state} state={state} chosen={chosen}>
          <Badge tone={props.tone(state)}>{props.word(state)}</Badge>{" "}
          <span class="quiet">{count(counts[state])}</span>
        </Chip>
      ))}
    </nav>
  );
}

function Chip(props: { state: string; chosen: string; children: ComponentChildren }) {
  const { path, query } = place.value;
  const to = changedQuery(query, { state: props.state, from: null });
  return (
    <a class="chip" href={`${path}${to}`} aria-current={props.state === props.chosen ? "true" : undefined}>
      {props.children}
    </a>
  );
}
