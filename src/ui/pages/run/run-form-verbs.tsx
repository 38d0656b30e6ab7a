// The buttons of a run whose dialog has additional fields.
import { useState } from "preact/hooks";
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { Field } from "../../parts/field.tsx";
import { Verb } from "../../parts/verb.tsx";
import { texts } from "../../text/texts.ts";
import { dateOf } from "./window-date.ts";

const DECISIONS = ["success", "refused", "resend"] as const;

export function LimitsVerb({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  const { limits } = run;
  const [lines, setLines] = useState<string | null>(null);
  const [requests, setRequests] = useState<string | null>(null);
  const [inFlight, setInFlight] = useState<string | null>(null);
  const body = {
    ...(lines !== null && { max_lines_per_second: asNumber(lines) }),
    ...(requests !== null && { max_requests_per_second: requests.trim() === "" ? null : asNumber(requests) }),
    ...(inFlight !== null && { max_in_flight: asNumber(inFlight) }),
  };
  const forget = () => {
    setLines(null);
    setRequests(null);
    setInFlight(null);
  };
  return (
    <Verb
      label={t.cap}
      now={t.capNow}
      later={t.capLater}
      path={paths.run(run.id)}
      method="PATCH"
      body={body}
      onDone={forget}
    >
      {(problem) => (
        <>
          <NumberField
            label={t.maxLines}
            pointer="#/max_lines_per_second"
            problem={problem}
            value={lines ?? String(limits.max_lines_per_second)}
            onInput={setLines}
          />
          <NumberField
            label={t.maxRequests}
            pointer="#/max_requests_per_second"
            problem={problem}
            value={requests ?? String(limits.max_requests_per_second ?? "")}
            onInput={setRequests}
          />
          <NumberField
            label={t.maxInFlight}
            pointer="#/max_in_flight"
            problem={problem}
            value={inFlight ?? String(limits.max_in_flight)}
            onInput={setInFlight}
          />
        </>
      )}
    </Verb>
  );
}

/** A text that is not a number is sent as it is. The API then answers what it expects. */
function asNumber(text: string): number | string {
  const value = Number(text.replaceAll(",", ""));
  return text.trim() !== "" && Number.isFinite(value) ? value : text;
}

function NumberField(props: {
  label: string;
  pointer: string;
  problem: Parameters<typeof Field>[0]["problem"];
  value: string;
  onInput: (value: string) => void;
}) {
  return (
    <Field label={props.label} pointer={props.pointer} problem={props.problem ?? null}>
      {(control) => (
        <input
          {...control}
          inputMode="numeric"
          autocomplete="off"
          value={props.value}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export function AnswersVerb({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  const [decision, setDecision] = useState<(typeof DECISIONS)[number]>("success");
  const words = { success: t.success, refused: t.refusedAnswer, resend: t.resend };
  return (
    <Verb
      label={t.answers}
      now={t.answersNow}
      later={t.acceptLater}
      path={paths.runVerb(run.id, "resume")}
      body={{ answers: decision }}
      note="needed"
      isPrimary
    >
      <fieldset class="choices">
        <legend>{t.decision}</legend>
        {DECISIONS.map((value) => (
          <label key={value}>
            <input
              type="radio"
              name="decision"
              checked={decision === value}
              onChange={() => setDecision(value)}
            />{" "}
            {words[value]}
          </label>
        ))}
      </fieldset>
    </Verb>
  );
}

/** Asks whether to continue although another run has sent lines of this window, while this run did not own the slot. */
export function OverlapVerb({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  return (
    <Verb
      label={t.confirmReplay}
      now={t.resumeNow}
      later={t.retryAllLater}
      path={paths.runVerb(run.id, "retry")}
      body={{ replay: true }}
      typeDate={dateOf(run)}
      isDanger
    />
  );
}
