// Where notifications go, read without the other settings. A run that is suspended by a bad configuration must still be able
// to notify its operators.
import * as v from "valibot";
import type { ChannelSettings, PublicUrl } from "./channel-kinds.ts";
import type { Secrets, Vars } from "./env.ts";
import { SECRETS, VARS } from "./vars.ts";

export interface NotifySettings {
  channels: ChannelSettings;
  publicUrl: PublicUrl;
}

export function notifySettingsOf(env: Vars & Secrets): NotifySettings {
  return {
    channels: v.parse(SECRETS.NOTIFY_CHANNELS.kind.schema, env.NOTIFY_CHANNELS ?? ""),
    publicUrl: v.parse(VARS.PUBLIC_URL.kind.schema, env.PUBLIC_URL ?? ""),
  };
}
