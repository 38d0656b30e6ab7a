// The entry of the command line. The build bundles it into one file for Node 20 and newer.
import { version } from "../../package.json";
// The verifier is included as text, because it shares no code with the Worker.
// oxlint-disable-next-line no-restricted-imports
import verifyScript from "../evidence/verify-evidence.txt";
import { processIo } from "./io.ts";
import { runCommandLine } from "./run-command-line.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), processIo(), {
  version,
  verifyScript,
});
