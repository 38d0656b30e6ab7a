export const units = {
  perSecond: "lines/s",
  linesPerSecond: (n: string) => `${n} lines/s`,
  lines: (n: string) => (n === "1" ? "1 line" : `${n} lines`),
  files: (n: string) => (n === "1" ? "1 file" : `${n} files`),
  batches: (n: string) => (n === "1" ? "1 batch" : `${n} batches`),
  d: "d",
  h: "h",
  min: "min",
  s: "s",
  beijing: "Beijing",
  utc: "UTC",
} as const;
