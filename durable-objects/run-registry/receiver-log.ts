// Adds the name of the receiver to the events of a registry. The events of the first receiver's registry have no name.
import type { Log } from "../../src/platform/log.ts";
import type { ReceiverRows } from "./receiver-rows.ts";

export function withReceiver(log: Log, receivers: Pick<ReceiverRows, "own">): Log {
  return (level, event, fields = {}) => {
    const receiver = receivers.own();
    log(level, event, receiver === null ? fields : { receiver, ...fields });
  };
}
