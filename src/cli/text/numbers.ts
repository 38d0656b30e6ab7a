// Writes numbers as text for people.
const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Returns a text such as "1,234,567". */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : GROUPED.format(value);
}

/** Returns a text such as "12.3 MiB". */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), BYTE_UNITS.length - 1);
  return `${GROUPED.format(value / 1_024 ** power)} ${BYTE_UNITS[power]}`;
}

/** Returns a text such as "3 files" or "1 file". */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** 0.4213 becomes "42.1 %". "100 %" appears only for exactly 1. */
export function percent(share: number): string {
  const tenths = share >= 1 ? 1_000 : Math.min(999, Math.floor(share * 1_000));
  return `${(tenths / 10).toFixed(1)} %`;
}

/** Returns a text such as "40–800", or one number if both are equal. */
export function range({ low, high }: { low: number; high: number }): string {
  return low === high ? count(low) : `${count(low)}–${count(high)}`;
}
