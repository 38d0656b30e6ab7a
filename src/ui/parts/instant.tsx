// Shows instants and windows. Every instant is shown with its zone.
import { zone } from "../state/settings.ts";
import { texts } from "../text/texts.ts";
import { instantText, windowText, type Zone } from "../text/time.ts";

function otherZone(shown: Zone): Zone {
  return shown === "utc" ? "beijing" : "utc";
}

function zoned(text: string, shown: Zone): string {
  return `${text} ${texts.value.units[shown]}`;
}

/** An instant of the API. Null and undefined appear as "—". The tooltip shows the instant in the other zone. */
export function Instant({ at }: { at: string | null | undefined }) {
  if (at === null || at === undefined) return <span class="unknown">—</span>;
  const other = otherZone(zone.value);
  return (
    <time dateTime={at} title={zoned(instantText(at, other), other)} class="nowrap">
      {instantText(at, zone.value)} <span class="zone">{texts.value.units[zone.value]}</span>
    </time>
  );
}

/** The window of a run. With `isEndOutside`, the end is not a part of the window. */
export function Window({ start, end, isEndOutside }: { start: string; end: string; isEndOutside?: boolean }) {
  const other = otherZone(zone.value);
  return (
    <span
      class="nowrap"
      title={`${zoned(windowText(start, end, other), other)}  [${start}, ${end}${isEndOutside ? ")" : "]"}`}
    >
      {windowText(start, end, zone.value)} <span class="zone">{texts.value.units[zone.value]}</span>
    </span>
  );
}
