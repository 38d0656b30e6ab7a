// `profile` manages profiles. A profile contains the address of an API and the source of its token. `whoami` shows
// the name and role that the API gives the caller.
import type { MeAnswer } from "../../contract/api/api-types.ts";
import { FailedFault, UsageFault } from "../faults.ts";
import { flag, type Group } from "../program/commands.ts";
import { configPath, readConfigFile, writeConfigFile, type Profile } from "../settings/config-file.ts";
import { checkedUrl } from "../settings/settings.ts";
import { isZone } from "../text/instants.ts";
import { facts, table } from "../text/table.ts";

interface AddOptions {
  url: string;
  tokenCommand?: string;
  actor?: string;
}

export function addProfileCommands(group: Group): void {
  const profiles = group.group("profile", "keep the addresses of APIs, and where their tokens come from");

  profiles.add<AddOptions>({
    usage: "add <NAME>",
    summary: "add or replace a profile; --zone and --token-file are kept with it",
    options: [
      flag("--url <URL>", "the address of the API").makeOptionMandatory(),
      flag("--token-command <COMMAND>", "a shell command that prints the token"),
      flag("--actor <NAME>", "recorded with every change (default: your user name)"),
    ],
    examples: [
      "logpush-backfill profile add local --url http://127.0.0.1:8787 --token-file ./token",
      'logpush-backfill profile add prod --url https://backfill.example.com --token-command "pass show backfill/prod"',
    ],
    routes: [],
    action: async (session, { url, tokenCommand, actor }, [name = ""]) => {
      const { zone, tokenFile } = session.flags;
      if (!/^[\w.-]{1,50}$/.test(name))
        throw new UsageFault(`"${name}": expected letters, digits, ".", "_" and "-"`);
      if (tokenFile !== undefined && tokenCommand !== undefined) {
        throw new UsageFault("--token-file and --token-command exclude each other");
      }
      if (zone !== undefined && !isZone(zone)) throw new UsageFault(`--zone: there is no zone ${zone}`);
      const { env } = session.io;
      const config = readConfigFile(env);
      const profile: Profile = {
        url: checkedUrl(url, "--url"),
        ...(tokenFile !== undefined && { token_file: tokenFile }),
        ...(tokenCommand !== undefined && { token_command: tokenCommand }),
        ...(zone !== undefined && { zone }),
        ...(actor !== undefined && { actor }),
      };
      const others = Object.entries(config.profiles).filter(([other]) => other !== name);
      const current = config.current ?? name;
      writeConfigFile(env, { current, profiles: Object.fromEntries([...others, [name, profile]]) });
      session.notice(`${name} is in ${configPath(env)}; ${current} is used`);
    },
  });

  profiles.add({
    usage: "list",
    summary: "list the profiles; an asterisk marks the one that is used",
    examples: ["logpush-backfill profile list"],
    routes: [],
    action: async (session) => {
      const config = readConfigFile(session.io.env);
      const entries = Object.entries(config.profiles);
      if (session.isJson) {
        for (const [name, profile] of entries)
          session.json({ name, current: name === config.current, ...profile });
      } else if (entries.length > 0) {
        const rows = entries.map(([name, { url, token_file, token_command, zone }]) => [
          name === config.current ? `${name} *` : name,
          url,
          token_file ?? token_command ?? "BACKFILL_TOKEN",
          zone ?? "",
        ]);
        session.lines(table(["PROFILE", "URL", "TOKEN FROM", "ZONE"], rows, session.io.columns));
      } else session.notice("there is no profile: logpush-backfill profile add NAME --url https://…");
    },
  });

  profiles.add({
    usage: "use <NAME>",
    summary: "use this profile from now on",
    examples: ["logpush-backfill profile use prod"],
    routes: [],
    action: async (session, _options, [name = ""]) => {
      const { env } = session.io;
      const config = readConfigFile(env);
      if (!Object.hasOwn(config.profiles, name)) {
        throw new FailedFault(`there is no profile "${name}"`, "logpush-backfill profile list");
      }
      writeConfigFile(env, { ...config, current: name });
      session.notice(`${name} is used`);
    },
  });

  profiles.add({
    usage: "remove <NAME>",
    summary: "remove a profile",
    examples: ["logpush-backfill profile remove local"],
    routes: [],
    action: async (session, _options, [name = ""]) => {
      const { env } = session.io;
      const config = readConfigFile(env);
      if (!Object.hasOwn(config.profiles, name)) {
        throw new FailedFault(`there is no profile "${name}"`, "logpush-backfill profile list");
      }
      const profilesLeft = Object.fromEntries(
        Object.entries(config.profiles).filter(([other]) => other !== name),
      );
      const current = config.current === name ? null : config.current;
      writeConfigFile(env, { current, profiles: profilesLeft });
      session.notice(`${name} is removed${current === null ? "; no profile is used now" : ""}`);
    },
  });

  group.add({
    usage: "whoami",
    summary: "show whom the API takes you for, and what you may do",
    examples: ["logpush-backfill whoami"],
    routes: ["GET /me"],
    action: async (session) => {
      const me = await session.api.get<MeAnswer>("/me");
      session.show(me, [
        ...facts([
          ["actor", me.actor],
          ["role", me.role],
          ["signed in by", me.token === null ? me.signed_in_by : `${me.signed_in_by} ${me.token}`],
          ["api", session.api.url],
          ["profile", session.target.profile],
        ]),
      ]);
    },
  });
}
