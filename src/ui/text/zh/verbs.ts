import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const verbs: Same<typeof en.verbs> = {
  pause: "暂停",
  pauseTitle: "暂停当前任务",
  pauseNow: "不再发送新的批次，未结束的 POST 正常结束。",
  pauseLater: "任务保留发送权，直到有人让它继续发送或中止它。",
};
