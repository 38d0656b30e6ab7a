// What the guard of an instance runs once that instance is gone: `node sweep.ts TOKEN` ends the processes that carry the
// token. Twice, a moment apart: a process may have started another one as its parent died.
import { setTimeout as wait } from "node:timers/promises";
import { endChildren } from "./instance.ts";

const [token = ""] = process.argv.slice(2);
if (token !== "") {
  await endChildren(token);
  await wait(200);
  await endChildren(token);
}
