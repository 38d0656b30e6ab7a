import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const units: Same<typeof en.units> = {
  perSecond: "行/秒",
  linesPerSecond: (n) => `${n} 行/秒`,
  lines: (n) => `${n} 行`,
  files: (n) => `${n} 个文件`,
  batches: (n) => `${n} 个批次`,
  d: "天",
  h: "小时",
  min: "分钟",
  s: "秒",
  beijing: "北京时间",
  utc: "UTC",
};
