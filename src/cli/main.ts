// The command line, bundled into one file for Node 20 and newer.
import { version } from "../../package.json";
import verifyScript from "../evidence/verify-evidence.txt";
import { processIo } from "./io.ts";
import { runCommandLine } from "./run-command-line.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), processIo(), {
  version,
  verifyScript,
});
