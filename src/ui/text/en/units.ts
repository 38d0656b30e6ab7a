export const units = {
  perSecond: "lines/s",
  linesPerSecond: (n: string) => `${n} lines/s`,
  lines: (n: string) => `${n} lines`,
  files: (n: string) => `${n} files`,
  batches: (n: string) => `${n} batches`,
  d: "d",
  h: "h",
  min: "min",
  s: "s",
  beijing: "Beijing",
  utc: "UTC",
} as const;
