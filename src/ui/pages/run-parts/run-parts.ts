// The pages of the parts of a run: one chunk, because people go from one to the other, and one file compresses better than
// five.
export { BatchesPage } from "./batches-page.tsx";
export { EventsPage } from "./events-page.tsx";
export { EvidencePage } from "./evidence-page.tsx";
export { FilesPage } from "./files-page.tsx";
export { RunMapPage } from "./map-page.tsx";
