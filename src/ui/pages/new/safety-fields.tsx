// The fields that decide whether a line can arrive twice: lines that the live worker delivered, and batches whose POST
// got no answer. Each says in one line what its value does.
import { Field } from "../../parts/field.tsx";
import { bracketed, sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { NumberField, type FieldsProps } from "./number-field.tsx";
import { useSystemVar, useVar } from "./use-var.ts";

const LIVE_BATCH_SIZE = "LIVE_BATCH_SIZE";

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
  const { form, onChange } = props;
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
      {form.live !== "" && <LiveBatchSize {...props} />}
    </>
  );
}

/** The size of the live worker's batches with its source. Without a source, the person must type the size here. */
function LiveBatchSize(props: FieldsProps) {
  const t = texts.value.newRun;
  const known = useSystemVar(LIVE_BATCH_SIZE);
  if (known === undefined) return null;
  const typed = props.form.live_batch_size;
  if (!known?.value) return <LiveBatchField {...props} placeholder="" />;
  const source = typed !== "" ? t.fromForm : known.set ? t.fromVar : t.fromDefault;
  return (
    <p class="check-hint">{sentences(t.liveBatchIs(typed || known.value, source), t.liveBatchMeasured)}</p>
  );
}

/** The options about live delivery that few people change. */
export function MoreLiveFields(props: FieldsProps) {
  const t = texts.value.newRun;
  const { form, problem, onChange } = props;
  const known = useVar(LIVE_BATCH_SIZE);
  return (
    <>
      {known !== "" && <LiveBatchField {...props} placeholder={known} />}
      <Field label={t.liveWaiting} hint={t.liveWaitingHint} pointer="#/live_waiting" problem={problem}>
        {(control) => (
          <select
            {...control}
            value={form.live_waiting}
            onChange={(event) => onChange({ live_waiting: event.currentTarget.value })}
          >
            <option value="">{bracketed("hold", t.values.hold)}</option>
            <option value="send">{bracketed("send", t.values.send)}</option>
          </select>
        )}
      </Field>
    </>
  );
}

function LiveBatchField(props: FieldsProps & { placeholder: string }) {
  const t = texts.value.newRun;
  return <NumberField {...props} label={t.liveBatch} hint={t.liveBatchHint} name="live_batch_size" />;
}
