// The list of receivers from which a person chooses. It also has the chosen name when the deployment does not have it,
// because the address may contain any name.
import { FIRST_RECEIVER } from "../state/receiver-names.ts";
import { receivers } from "../state/receivers.ts";
import { texts } from "../text/texts.ts";
import type { ControlProps } from "./field.tsx";

export function ReceiverSelect(props: {
  /** "": `all`, or the first receiver. */
  value: string;
  /** The text for all receivers. Absent: the person must choose one receiver. */
  all?: string;
  control?: ControlProps;
  onChange: (name: string) => void;
}) {
  const { value, all, control, onChange } = props;
  const known = receivers.value.map(({ name, kind }) => ({ name, text: `${name} · ${kind ?? "—"}` }));
  const isUnknown = value !== "" && known.every(({ name }) => name !== value);
  const empty = all === undefined ? FIRST_RECEIVER : "";
  return (
    <select
      {...control}
      value={value || empty}
      onChange={({ currentTarget: { value: chosen } }) => onChange(chosen)}
    >
      {all !== undefined && <option value="">{all}</option>}
      {[...known, ...(isUnknown ? [{ name: value, text: value }] : [])].map(({ name, text }) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** The choice as a filter of a list. */
export function ReceiverFilter(props: { value: string; all?: string; onChange: (name: string) => void }) {
  return (
    <label>
      {texts.value.frame.receiver} <ReceiverSelect {...props} />
    </label>
  );
}
