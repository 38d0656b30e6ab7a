import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const receivers: Same<typeof en.receivers> = {
  title: "接收方",
  name: "接收方",
  kind: "类型",
  cap: "上限",
  settings: "设置",
  usable: "可以使用",
  unusable: "缺少设置：其任务不发送",
  slot: "发送权",
  slotFree: "空闲",
  queues: "队列",
  queuesHint: "每个接收方有自己的队列，窗口编号各自独立。页面一次显示一个队列。",
  shown: "显示于下方",
  waiting: "等待中",
  queueState: "状态",
  queueRuns: "未暂停",
  queuePaused: "已暂停",
  unknown: "此部署没有这个名称的接收方。",
  choiceHint: "每个接收方有自己的发送权、上限和队列。",
  noLive: "任务会发送窗口内的所有日志行。实时程序的标记属于接收方“default”，不能说明此接收方已收到哪些行。",
  noHoles: "缺口是实时程序未送达接收方“default”的时间窗口。",
};
