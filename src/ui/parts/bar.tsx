// Shows an equation as a stacked bar: a whole, and the parts that it consists of. The list below shows the same with
// words and numbers.
import { count, percent } from "../text/numbers.ts";
import type { Tone } from "../state/run-stage.ts";

export interface Segment {
  key: string;
  label: string;
  value: number;
  tone: Tone;
}

export function Bar({
  label,
  total,
  about,
  segments,
}: {
  label: string;
  total: number;
  /** Writes a total that is an estimate. */
  about?: (total: string) => string;
  segments: readonly Segment[];
}) {
  const shown = segments.filter(({ value }) => value > 0);
  return (
    <figure class="bar-figure" aria-label={label}>
      <div class="bar" aria-hidden="true">
        {shown.map(({ key, value, tone }) => (
          <i key={key} class={`mark tone-${tone}`} style={{ flexGrow: value }} />
        ))}
      </div>
      <figcaption>
        <dl class="legend">
          <div>
            <dt>{label}</dt>
            <dd>{about ? about(count(total)) : count(total)}</dd>
          </div>
          {segments.map(({ key, label: name, value, tone }) => (
            <div key={key} class={`tone-${tone}`}>
              <dt>
                <i class="mark" aria-hidden="true" /> {name}
              </dt>
              <dd>
                {count(value)} {total > 0 && <span class="quiet">{percent(value / total)}</span>}
              </dd>
            </div>
          ))}
        </dl>
      </figcaption>
    </figure>
  );
}
