// `node sweep.ts TOKEN` ends the processes with the token. The guard of an instance runs this script after the
// instance is gone. The script looks for processes twice, because a process may start another process while its
// parent dies.
import { setTimeout as wait } from "node:timers/promises";
import { endChildren } from "./instance.ts";

const [token = ""] = process.argv.slice(2);
if (token !== "") {
  await endChildren(token);
  await wait(200);
  await endChildren(token);
}
