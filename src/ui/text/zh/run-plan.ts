import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const runPlan: Same<typeof en.runPlan> = {
  title: "计划",
  hash: "计划哈希",
  batches: "批次",
  minutes: "按上限发送约需（分钟）",
  compared: { waiting: "尚未比对", equal: "存储桶与计划一致", outdated: "已过时" },
  differs: (added, changed, missing) => `新增对象 ${added}，已更改 ${changed}，缺失 ${missing}。`,
};
