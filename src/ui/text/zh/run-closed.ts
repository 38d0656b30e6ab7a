import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const closed: Same<typeof en.closed> = {
  acceptedFiles: (n) => `此任务未补齐：${n} 个文件由操作员按现状接受，其中的部分记录未发送。`,
  title: "此窗口的覆盖情况",
  looking: "正在查看此窗口的覆盖情况。",
  unknown: "无法得知覆盖情况，不知道是否还有缺口。",
  noLive: "未发现实时程序，因此没有已知的缺口。",
  done: "已补齐。与此窗口相关的缺口均已补数：",
  open: "与此窗口相关的缺口仍未补齐：",
  none: "此窗口没有已知的缺口。",
  possible: "部分单元格时间太近，尚未判断。",
  link: "在覆盖情况中查看",
  leftOut: (n) => `窗口之外有 ${n} 条记录，实时程序没有送达`,
  leftOutTimes: "本任务不发送这些记录。它们的时间：",
  leftOutHint:
    "记录的开始时间可能早于所在的原始文件。其他任务可能已经发送了这些记录；如果没有，请把这一段也补发。",
  planLeftOut: (window) => `规划 ${window}…`,
};
