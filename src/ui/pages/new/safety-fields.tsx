// The fields that decide whether a line can arrive twice: lines that the live worker delivered, and batches whose POST
// got no answer. Each says in one line what its value does.
import { Field } from "../../parts/field.tsx";
import { texts } from "../../text/texts.ts";
import { NumberField, type FieldsProps } from "./number-field.tsx";
import { useVar } from "./use-var.ts";

export function UncertainField({ form, problem, onChange }: FieldsProps) {
  const t = texts.value.newRun;
  const holds = form.options.on_uncertain === "hold";
  return (
    <Field
      label={t.options.on_uncertain}
      hint={holds ? t.holdHint : t.resendHint}
      pointer="#/on_uncertain"
      problem={problem}
    >
      {(control) => (
        <select
          {...control}
          value={holds ? "hold" : "resend"}
          onChange={({ currentTarget: { value } }) =>
            onChange({ options: { ...form.options, on_uncertain: value } })
          }
        >
          <option value="hold">{t.uncertainHold}</option>
          <option value="resend">{t.uncertainResend}</option>
        </select>
      )}
    </Field>
  );
}

export function LiveFields(props: FieldsProps) {
  const t = texts.value.newRun;
  const { form, problem, onChange } = props;
  const known = useVar("LIVE_BATCH_SIZE");
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          aria-describedby="skip-live"
          checked={form.live !== ""}
          onChange={(event) => onChange({ live: event.currentTarget.checked ? "skip_delivered" : "" })}
        />{" "}
        {t.skipLive}
      </label>
      <p class="quiet check-hint" id="skip-live">
        {form.live === "" ? t.skipOff : t.skipOn}
      </p>
      {form.live !== "" && (
        <div class="side-by-side">
          <NumberField
            {...props}
            label={t.liveBatch}
            hint={t.liveBatchHint}
            name="live_batch_size"
            placeholder={known}
          />
          <Field label={t.liveWaiting} hint={t.liveWaitingHint} pointer="#/live_waiting" problem={problem}>
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
