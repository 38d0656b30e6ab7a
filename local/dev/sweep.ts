// The guard of an instance runs this after the instance is gone: `node sweep.ts TOKEN` ends the processes with
// the token. It sweeps twice, a moment apart, because a process may start another as its parent dies.
import { setTimeout as wait } from "node:timers/promises";
import { endChildren } from "./instance.ts";

const [token = ""] = process.argv.slice(2);
if (token !== "") {
  await endChildren(token);
  await wait(200);
  await endChildren(token);
}
