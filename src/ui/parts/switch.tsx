// A choice between a few values, shown next to each other as radio buttons.
import { useId } from "preact/hooks";

export function Switch<T extends string>(props: {
  label: string;
  values: readonly { value: T; text: string; lang?: string }[];
  chosen: T;
  onChoose: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset class="switch">
      <legend class="unseen">{props.label}</legend>
      {props.values.map(({ value, text, lang }) => (
        <label key={value} lang={lang}>
          <input
            type="radio"
            name={name}
            checked={value === props.chosen}
            value={value}
            onChange={({ currentTarget }) => {
              // Shows the new value only when `chosen` has it, because a choice may fail.
              const inputs = [...(currentTarget.closest("fieldset")?.querySelectorAll("input") ?? [])];
              for (const input of inputs) input.checked = input.value === props.chosen;
              props.onChoose(value);
            }}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
