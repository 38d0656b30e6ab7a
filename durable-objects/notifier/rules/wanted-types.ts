// Decides which types of notices a channel gets. Does no I/O.
import { NOTICE_TYPES, type Notice } from "../../../src/contract/notices.ts";
import type { ChannelSetting } from "../../../src/platform/channel-kinds.ts";

/** A wrongly configured channel has no readable list of types, so it gets notices of every type. */
export function typesOf(channel: ChannelSetting): readonly Notice["type"][] {
  return channel.ok ? channel.events : NOTICE_TYPES;
}

export function wants(channel: ChannelSetting, type: Notice["type"]): boolean {
  return typesOf(channel).includes(type);
}
