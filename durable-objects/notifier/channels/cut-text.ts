// Cuts a text to a number of UTF-8 bytes, between two characters. Does no I/O.

const MARK = "…";

/** The text itself if it fits. Otherwise the whole characters that fit, followed by a mark that shows the cut. */
export function cutText(text: string, maxBytes: number): string {
  if (bytesIn(text) <= maxBytes) return text;
  const room = maxBytes - bytesIn(MARK);
  let kept = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += bytesIn(segment);
    if (used > room) break;
    kept += segment;
  }
  return `${kept}${MARK}`;
}

export function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length;
}
