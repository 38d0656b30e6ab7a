// The parts of the page that only a deployment with several receivers shows. They are one script, which loads when such
// a part is shown.
export { ReceiverField } from "../parts/receiver-field.tsx";
export { QueuesOfReceivers } from "./queue/queues-of-receivers.tsx";
export { ReceiverTable } from "./receiver-table.tsx";
