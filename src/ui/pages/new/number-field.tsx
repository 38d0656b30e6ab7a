// A field for a whole number of the form. When the field gets the focus, its number is selected, so that what the person
// types replaces it.
import { useRef } from "preact/hooks";
import type { Problem } from "../../api/problem.ts";
import { Field } from "../../parts/field.tsx";
import type { RunForm } from "./run-form.ts";

export interface FieldsProps {
  form: RunForm;
  problem: Problem | null;
  onChange: (changes: Partial<RunForm>) => void;
}

export function NumberField(
  props: FieldsProps & {
    label: string;
    hint?: string;
    name: "max_lines_per_second" | "canary" | "live_batch_size";
    placeholder: string;
  },
) {
  const isEntering = useRef(false);
  return (
    <Field label={props.label} hint={props.hint} pointer={`#/${props.name}`} problem={props.problem}>
      {(control) => (
        <input
          {...control}
          inputMode="numeric"
          autocomplete="off"
          placeholder={props.placeholder}
          value={props.form[props.name]}
          onFocus={(event) => {
            isEntering.current = true;
            event.currentTarget.select();
          }}
          // A click that focuses the field also places the cursor, which undoes the selection. So the number is
          // selected again. Only a second click places the cursor.
          onMouseUp={(event) => {
            if (isEntering.current) event.currentTarget.select();
            isEntering.current = false;
          }}
          onInput={(event) => {
            isEntering.current = false;
            props.onChange({ [props.name]: event.currentTarget.value });
          }}
        />
      )}
    </Field>
  );
}
