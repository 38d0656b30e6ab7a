import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const batchFacts: Same<typeof en.batchFacts> = {
  batch: "批次",
  state: "状态",
  lines: "行数",
  answer: "应答",
  doneAt: "送达时间",
  digest: "各行的 SHA-256",
  rays: "首尾 RayID",
  window: "时间窗口",
  rawBytes: "未压缩字节数",
  gzipBytes: "gzip 字节数",
  firstRay: "首个 RayID",
  lastRay: "末个 RayID",
  attempts: "尝试次数",
  attempt: "尝试",
  attemptStates: {
    uncertain: "不确定：可能已到达",
    not_delivered: "未送达",
    refused: "被拒绝",
    done: "已送达",
    duplicate: "重复送达",
    resolved: "人工了结",
  },
};
