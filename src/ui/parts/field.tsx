// A field with its label. If a problem+json error points to the field, the error is shown next to it.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { errorAt, type Problem } from "../api/problem.ts";

/** The attributes that the input element needs. */
export interface ControlProps {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
}

export function Field(props: {
  label: string;
  hint?: ComponentChildren;
  /** The JSON pointer of the request's member, such as "#/start". */
  pointer?: string;
  problem?: Problem | null;
  /** An error that the page found before sending the request. */
  error?: string | null;
  children: (control: ControlProps) => ComponentChildren;
}) {
  const id = useId();
  const fromApi = props.pointer === undefined ? null : errorAt(props.problem ?? null, props.pointer);
  const error = props.error ?? fromApi;
  const described = [props.hint ? `${id}-hint` : "", error === null ? "" : `${id}-error`]
    .filter(Boolean)
    .join(" ");
  return (
    <div class="field">
      <label htmlFor={id}>{props.label}</label>
      {props.children({
        id,
        "aria-describedby": described === "" ? undefined : described,
        "aria-invalid": error === null ? undefined : "true",
      })}
      {props.hint && (
        <p class="quiet" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {error !== null && (
        <p class="error" id={`${id}-error`} lang={props.error ? undefined : "en"}>
          {error}
        </p>
      )}
    </div>
  );
}
