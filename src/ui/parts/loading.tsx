// The text that stands where data will be shown. Tests recognize by its class that a page is not complete yet.
import { texts } from "../text/texts.ts";

/** `text`: the text to show. The default is "Loading…". */
export function Loading({ text }: { text?: string }) {
  return <p class="loading quiet">{text ?? texts.value.frame.loading}</p>;
}
