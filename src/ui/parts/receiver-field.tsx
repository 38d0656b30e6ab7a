// The field for the receiver of a run or of windows. For another receiver than the first, it says what does not apply.
import { errorAt, type Problem } from "../api/problem.ts";
import { receiverFault } from "../text/receiver-fault.ts";
import { texts } from "../text/texts.ts";
import { Field } from "./field.tsx";
import { ReceiverSelect } from "./receiver-select.tsx";

export function ReceiverField(props: {
  /** Null: the first receiver. */
  value: string | null;
  pointer: string;
  problem: Problem | null;
  /** True: the form can also ask for holes. */
  hasHoles?: boolean;
  onChange: (name: string) => void;
}) {
  const t = texts.value.receivers;
  const { value, pointer, problem } = props;
  const isUnknown = problem !== null && receiverFault(problem) === "unknown";
  const why = [t.noLive, ...(props.hasHoles === true ? [t.noHoles] : [])].join(" ");
  return (
    <Field
      label={t.name}
      hint={value === null ? t.choiceHint : why}
      pointer={pointer}
      problem={problem}
      error={isUnknown && errorAt(problem, pointer) !== null ? t.unknown : null}
    >
      {(control) => <ReceiverSelect value={value ?? ""} control={control} onChange={props.onChange} />}
    </Field>
  );
}
